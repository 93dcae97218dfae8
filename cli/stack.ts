import type { IntegrationModel } from "../components/model/index.ts";
import { pulumi, UserError } from "./project.ts";
import type { Selection } from "./selection.ts";

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
  urn: string;
  type: string;
  parent?: string;
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
 * Reads the deployed gateway from a stack's state, its secrets decrypted. What it is made of is asked, not the
 * component's own outputs: those are missing after an update that did not finish, when they are needed most.
 * @throws {UserError} when there is no such stack, or not one gateway in it
 */
export async function deployedGateway(selection: Selection): Promise<DeployedGateway> {
  const resources = await stateOf(selection.stack);
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);
  const gateway = chosen(ofType("mcp-infra:index:Gateway"), selection.gateway);
  const name = nameOf(gateway);
  const parts = (type: string) => ofType(type).filter(({ parent }) => parent === gateway.urn);

  const [process] = parts("mcp-infra-local:index:Process");
  const { url } = (process?.outputs ?? {}) as { url?: string };
  if (!process || !url)
    throw new UserError(`Gateway ${name} is not up: the last \`pulumi up\` did not get to it.`);
  const tokens = parts("mcp-infra-local:index:Token").map((token) => [
    nameOf(token).slice(`${name}-`.length, -"-token".length),
    plain(token.outputs?.value),
  ]);
  const { config } = (process.inputs as { gateway: { config: { smokeReport?: string } } }).gateway;
  const models = ofType("mcp-infra:index:Integration").map(({ inputs }) => inputs?.model as IntegrationModel);
  const smokeTest = ofType("mcp-infra:index:SmokeTest").find(({ inputs }) => inputs?.gateway === name);
  const { deadline = defaultSmokeDeadline } = (smokeTest?.inputs?.model ?? {}) as { deadline?: number };
  return {
    model:
      models.find((model) => model.gateway?.name === name) ?? (gateway.inputs?.model as IntegrationModel),
    endpoint: url,
    tokens: Object.fromEntries(tokens),
    smokeDeadlineMs: deadline,
    ...(config.smokeReport && { smokeReport: config.smokeReport }),
  };
}

/** The consumer of that name. */
export function consumerNamed({ model }: DeployedGateway, name: string): string {
  const names = model.consumers.map((consumer) => consumer.name);
  if (!names.includes(name))
    throw new UserError(`There is no consumer "${name}"; there is ${names.join(", ")}.`);
  return name;
}

function chosen(gateways: StateResource[], name: string | undefined): StateResource {
  const names = gateways.map(nameOf).join(", ");
  const [gateway, another] = name === undefined ? gateways : gateways.filter((each) => nameOf(each) === name);
  if (names === "")
    throw new UserError(
      "Nothing is deployed in this stack: run `pulumi up` (`npm run up` in a checkout) first.",
    );
  if (!gateway) throw new UserError(`There is no gateway "${name}"; there is ${names}.`);
  if (another) throw new UserError(`There are several gateways: ${names}. Choose one with --gateway.`);
  return gateway;
}

function nameOf({ urn }: StateResource): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

async function stateOf(stack: string | undefined): Promise<StateResource[]> {
  const exported = await pulumi(["stack", "export", "--show-secrets", ...(stack ? ["--stack", stack] : [])]);
  const { deployment } = JSON.parse(exported) as { deployment?: { resources?: StateResource[] } };
  return deployment?.resources ?? [];
}

/** A value out of the state, which may be a secret there. */
function plain(value: unknown): unknown {
  const fields = (value ?? {}) as Record<string, unknown>;
  return fields[secretSignature.key] === secretSignature.value ? JSON.parse(String(fields.plaintext)) : value;
}
