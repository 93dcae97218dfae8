import type { IntegrationModel } from "../components/model/index.ts";
import { pulumi, UserError } from "./project.ts";

/** A gateway that is deployed: its model, where it is, and who may call. */
export interface DeployedGateway {
  model: IntegrationModel;
  endpoint: string;
  tokens: Record<string, string>;
  /** Deadline of its smoke test, in milliseconds. */
  smokeDeadlineMs: number;
  /** Where a local gateway reads the last smoke report, for its metrics. */
  smokeReport?: string;
}

interface StateResource {
  type: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

/** The key and value by which Pulumi marks a secret in an exported state. */
const secretSignature = {
  key: "4dabf18193072939515e22adb298388d",
  value: "1b47061264138c4ac30d75fd1eb44270",
};

const defaultSmokeDeadline = 60_000;

/**
 * Reads the deployed gateway from a stack's state, its secrets decrypted.
 * @throws {UserError} when there is no such stack, or no gateway in it
 */
export async function deployedGateway(stack: string | undefined): Promise<DeployedGateway> {
  const resources = await stateOf(stack);
  const find = (name: string) => resources.find(({ type }) => type === `mcp-infra:index:${name}`);
  const gateway = find("Gateway");
  const whole = find("Integration") ?? gateway;
  if (!gateway || !whole)
    throw new UserError(
      "Nothing is deployed in this stack: run `pulumi up` (`npm run up` in a checkout) first.",
    );
  const outputs = plain(gateway.outputs) as { endpoint: string; tokens: Record<string, string> };
  const processes = resources.filter(({ type }) => type === "mcp-infra-local:index:Process");
  const local = processes.map(({ inputs }) => inputs?.gateway).find((gateway) => gateway !== undefined);
  const smokeReport = (local as { config?: { smokeReport?: string } } | undefined)?.config?.smokeReport;
  const smokeTest = find("SmokeTest")?.inputs?.model as { deadline?: number } | undefined;
  return {
    ...outputs,
    model: whole.inputs?.model as IntegrationModel,
    smokeDeadlineMs: smokeTest?.deadline ?? defaultSmokeDeadline,
    ...(smokeReport && { smokeReport }),
  };
}

/** The consumer of that name. */
export function consumerNamed({ model }: DeployedGateway, name: string): string {
  const names = model.consumers.map((consumer) => consumer.name);
  if (!names.includes(name))
    throw new UserError(`There is no consumer "${name}"; there is ${names.join(", ")}.`);
  return name;
}

async function stateOf(stack: string | undefined): Promise<StateResource[]> {
  const exported = await pulumi(["stack", "export", "--show-secrets", ...(stack ? ["--stack", stack] : [])]);
  const { deployment } = JSON.parse(exported) as { deployment?: { resources?: StateResource[] } };
  return deployment?.resources ?? [];
}

/** A value out of the state, with its secrets in plain. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const fields = value as Record<string, unknown>;
  if (fields[secretSignature.key] === secretSignature.value)
    return plain(JSON.parse(String(fields.plaintext)));
  return Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, plain(field)]));
}
