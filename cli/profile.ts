import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { durationSchema } from "../components/model/duration.ts";
import { measure, recommend, renderProfile, renderRecommendations, verdictOn } from "../profile/index.ts";
import { RequestFailure } from "../smoke/failure.ts";
import { tokensOf } from "./access.ts";
import { projectDirectory, UserError } from "./project.ts";
import type { Selection } from "./selection.ts";
import { deployedGateway } from "./stack.ts";
import { table } from "./table.ts";

/** What a profile may be told. */
export interface ProfileOptions extends Selection {
  duration: string;
  clients: string;
  out?: string;
}

/**
 * Calls the live stack as its consumers would, by more and more clients, and shows how fast it is, held against the
 * objective, and which settings to change. Exits with 1 when the objective is missed.
 */
export async function profile(options: ProfileOptions): Promise<void> {
  const stepMs = durationOf(options.duration);
  const clients = clientsOf(options.clients);
  const gateway = await deployedGateway(options);
  const { model } = gateway;
  const declared = model.gateway;
  if (!declared)
    throw new UserError("This stack's state has no gateway in its model: run `pulumi up` again.");
  const tokens = await tokensOf(gateway);
  const onTool = (name: string) => void process.stderr.write(`${name} …\n`);
  const measurements = await gateway
    .reach((url) => measure({ model, endpoint: new URL(url), tokens, stepMs, clients, onTool }))
    .catch((error: unknown) => {
      throw error instanceof RequestFailure ? new UserError(`The gateway ${error.message}.`) : error;
    });
  const { tools, skipped } = measurements;
  if (tools.length === 0) throw new UserError(nothingToCall(skipped));
  const verdicts = tools.map((figures) => verdictOn(figures, declared.objectives, clients));
  const directory = options.out ?? path.join(projectDirectory(), ".mcp-infra", gateway.stack, "profile");
  const files = await keepPlots(directory, tools, declared.objectives);
  process.stdout.write(
    `${[
      renderProfile(measurements, verdicts, declared, table),
      "",
      renderRecommendations(recommend({ model, measurements, clients })),
      "",
      ...files.map((file) => `Plot: ${file}`),
    ].join("\n")}\n`,
  );
  if (verdicts.some(({ missed }) => missed !== undefined)) process.exitCode = 1;
}

async function keepPlots(directory: string, ...args: Parameters<typeof import("../profile/plots.ts").plots>) {
  // Loaded here, since no other verb should wait for a library that draws.
  const { plots } = await import("../profile/plots.ts");
  await mkdir(directory, { recursive: true });
  return Promise.all(
    Object.entries(plots(...args)).map(async ([name, svg]) => {
      const file = path.join(directory, name);
      await writeFile(file, svg);
      return file;
    }),
  );
}

function nothingToCall(skipped: readonly { name: string; reason: string }[]): string {
  if (skipped.length === 0)
    return "No consumer declares an example call (arguments of a tool that it uses), so there is nothing to measure.";
  const reasons = skipped.map(({ name, reason }) => `  ${name} ${reason}`);
  return ["No example call may be made again and again, so there is nothing to measure:", ...reasons].join(
    "\n",
  );
}

function durationOf(text: string): number {
  const { data, error } = durationSchema.safeParse(text);
  if (data === undefined) throw new UserError(`--duration: ${error?.issues[0]?.message}.`);
  return data;
}

function clientsOf(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 1_000)
    throw new UserError(`--clients is "${text}"; give a whole number from 1 to 1000.`);
  return number;
}
