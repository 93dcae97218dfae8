import { type IntegrationModel, timeoutOf } from "../components/model/integration.ts";
import { lastResortTimeout } from "../components/targets/gateway-config.ts";
import {
  DrillFailure,
  exercise,
  type Fault,
  faults,
  judge,
  renderDrill,
  restOf,
  type Verdict,
  type Victim,
} from "../drill/index.ts";
import { type ExampleCall, exampleCalls } from "../profile/calls.ts";
import { RequestFailure } from "../smoke/failure.ts";
import { tokensOf } from "./access.ts";
import { inOrder } from "./interruption.ts";
import { UserError } from "./project.ts";
import { optionsOf, type Selection } from "./selection.ts";
import { type DeployedGateway, deployedGateway } from "./stack.ts";
import { table } from "./table.ts";

/** What a drill may be told. */
export interface DrillOptions extends Selection {
  fault?: string;
  hold: string;
  clients: string;
  yes?: boolean;
}

/** One thing that will be done. */
interface Step {
  victim: Victim;
  fault: Fault;
  /** Servers of its failover group, itself among them. */
  group: readonly string[];
}

/**
 * Does to live servers what happens to servers, under the load of the consumers' example calls, and shows what became of
 * the calls. Exits with 1 when something was lost that need not have been.
 */
export async function drill(server: string | undefined, options: DrillOptions): Promise<void> {
  const holdMs = 1_000 * wholeNumber("--hold", options.hold);
  const clients = wholeNumber("--clients", options.clients);
  const gateway = await deployedGateway(options);
  const steps = stepsOf(gateway, server, faultNamed(options.fault));
  if (!options.yes) {
    const again = `npx mcp-infra drill${server ? ` ${server}` : ""}${optionsOf(options)} --yes`;
    throw new UserError(`${planOf(gateway, steps)}\nTo do it: ${again}`);
  }
  let interrupted = false;
  const onInterrupt = () => {
    interrupted = true;
    process.stderr.write("restoring …\n");
  };
  try {
    const verdicts = await inOrder(
      (signal) =>
        gateway.reach((url) => carriedOut(gateway, new URL(url), steps, { holdMs, clients, signal })),
      onInterrupt,
    );
    if (verdicts.length > 0 || !interrupted) process.stdout.write(`${renderDrill(verdicts, table)}\n`);
    if (interrupted) process.stderr.write("interrupted; restored\n");
    if (interrupted || verdicts.some((each) => each.faults.length > 0)) process.exitCode = 1;
  } catch (error) {
    if (error instanceof RequestFailure) throw new UserError(`The gateway ${error.message}.`);
    if (error instanceof DrillFailure) throw new UserError(error.message);
    throw error;
  }
}

async function carriedOut(
  gateway: DeployedGateway,
  endpoint: URL,
  steps: readonly Step[],
  how: { holdMs: number; clients: number; signal: AbortSignal },
): Promise<Verdict[]> {
  const { repeatable, skipped } = await exampleCalls(gateway.model, endpoint, await tokensOf(gateway));
  for (const { name, reason } of skipped) process.stderr.write(`not called: ${name} ${reason}\n`);
  const restMs = restOf(gateway.model, repeatable, how.clients);
  const verdicts: Verdict[] = [];
  for (const { victim, fault, group } of steps) {
    if (how.signal.aborted) break;
    const isStruck = ({ server }: ExampleCall) => group.includes(server);
    const struck = repeatable.filter(isStruck);
    if (struck.length === 0) {
      process.stderr.write(`left out: ${victim.server} has no example call that may be repeated\n`);
      continue;
    }
    process.stderr.write(`${fault} ${victim.server} …\n`);
    const others = repeatable.filter((call) => !isStruck(call));
    const seen = await exercise({ endpoint, victim, fault, struck, others, restMs, ...how });
    const timeoutMs = shortestTimeout(gateway.model, victim.server, struck);
    if (seen) verdicts.push(judge(seen, { standIn: group.length > 1, timeoutMs }));
  }
  return verdicts;
}

/** The shortest time after which one of the calls fails that the server does not answer, in milliseconds. */
function shortestTimeout(model: IntegrationModel, server: string, calls: readonly ExampleCall[]): number {
  const declared = model.servers.find(({ name }) => name === server);
  const usual = (declared && timeoutOf(declared, model)) ?? lastResortTimeout;
  return Math.min(...calls.map(({ tool }) => declared?.perTool[tool]?.timeout ?? usual));
}

function stepsOf({ model, victims }: DeployedGateway, server: string | undefined, fault?: Fault): Step[] {
  const own = victims();
  const names = own.map((victim) => victim.server);
  if (server !== undefined && !names.includes(server))
    throw new UserError(`This stack runs no server "${server}"; it runs ${names.join(", ") || "none"}.`);
  const chosen = own.filter((victim) => server === undefined || victim.server === server);
  const steps = chosen.flatMap((victim) =>
    victim.faults
      .filter((each) => fault === undefined || each === fault)
      .map((each) => ({ victim, fault: each, group: groupOf(model, victim.server) })),
  );
  if (steps.length === 0 && fault !== undefined)
    throw new UserError(
      `"${fault}" can't be done to servers of this stack; what can be: ${[...new Set(chosen.flatMap((each) => each.faults))].join(", ")}.`,
    );
  return steps;
}

function groupOf({ gateway }: DeployedGateway["model"], server: string): string[] {
  const groups = (gateway?.failover ?? []).map(({ primary, standby }) => [primary, ...standby]);
  return groups.find((members) => members.includes(server)) ?? [server];
}

function planOf({ stack }: DeployedGateway, steps: readonly Step[]): string {
  const lines = steps.map(({ victim, fault, group }) => {
    const standIns = group.filter((each) => each !== victim.server);
    const expected =
      standIns.length > 0 ? `${standIns.join(", ")} should serve instead` : "its calls will fail meanwhile";
    return `  ${fault} ${victim.server}: ${expected}`;
  });
  return [`This disturbs the live stack ${stack}:`, ...lines].join("\n");
}

function faultNamed(text: string | undefined): Fault | undefined {
  const fault = faults.find((each) => each === text);
  if (text !== undefined && !fault)
    throw new UserError(`--fault is "${text}"; give one of ${faults.join(", ")}.`);
  return fault;
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 1_000)
    throw new UserError(`${option} is "${text}"; give a whole number from 1 to 1000.`);
  return number;
}
