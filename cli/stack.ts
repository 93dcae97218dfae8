import { type IntegrationModel, withoutGaps } from "../components/model/index.ts";
import type { ClientCredentials } from "../smoke/index.ts";
import { NothingDeployed, UserError } from "./project.ts";
import type { Selection } from "./selection.ts";
import { nameOf, plain, type StateResource, stateOf } from "./state.ts";
import { kubernetesGateway } from "./targets/kubernetes.ts";
import { localGateway } from "./targets/local.ts";
import type { GatewayAccess } from "./targets/target.ts";

/** A gateway that is deployed: its model, the way to it, and who may call. */
export interface DeployedGateway extends GatewayAccess {
  model: IntegrationModel;
  /** Name of its stack. */
  stack: string;
  /** The tokens that it generated, by the consumer's name. */
  tokens: Record<string, string>;
  /** Where others sign tokens: how the smoke test comes by each consumer's. */
  credentials: Record<string, ClientCredentials>;
  /** Deadline of its smoke test, in milliseconds. */
  smokeDeadlineMs: number;
}

const defaultSmokeDeadline = 60_000;

/** Where each target keeps a gateway, among its stack's resources and its own parts. */
const targets: Record<
  string,
  (resources: StateResource[], parts: StateResource[]) => GatewayAccess | undefined
> = {
  local: localGateway,
  kubernetes: kubernetesGateway,
};

/**
 * Reads the deployed gateway from a stack's state, its secrets decrypted. What it is made of is asked, not the
 * component's own outputs: those are missing after an update that did not finish, when they are needed most.
 * @throws {UserError} when there is no such stack, or not one gateway in it
 */
export async function deployedGateway(selection: Selection): Promise<DeployedGateway> {
  return gatewayIn(await stateOf(selection.stack), selection.gateway);
}

/** The gateway of that name, or the only one, in a stack's state. */
export function gatewayIn(resources: StateResource[], wanted?: string): DeployedGateway {
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);
  const gateway = chosen(ofType("mcp-infra:index:Gateway"), wanted);
  const name = nameOf(gateway);
  const own = gateway.inputs?.model as IntegrationModel;
  const parts = resources.filter(({ parent }) => parent === gateway.urn);
  const find = targets[own.target];
  if (!find)
    throw new UserError(`Gateway ${name} runs on "${own.target}", which this version does not know.`);
  const access = find(resources, parts);
  if (!access) throw new UserError(`Gateway ${name} is not up: the last \`pulumi up\` did not get to it.`);

  const tokens = parts
    .filter(({ type }) => type === "mcp-infra-local:index:Token")
    .map((token) => [nameOf(token).slice(`${name}-`.length, -"-token".length), plain(token.outputs?.value)]);
  const models = ofType("mcp-infra:index:Integration").map(({ inputs }) => inputs?.model as IntegrationModel);
  const smokeTest = ofType("mcp-infra:index:SmokeTest").find(({ inputs }) => inputs?.gateway === name);
  const { deadline = defaultSmokeDeadline } = (smokeTest?.inputs?.model ?? {}) as { deadline?: number };
  return {
    ...access,
    stack: gateway.urn.split(":")[2] ?? "",
    model: withoutGaps(models.find((model) => model.gateway?.name === name) ?? own),
    tokens: Object.fromEntries(tokens),
    credentials: (plain(smokeTest?.inputs?.credentials) ?? {}) as Record<string, ClientCredentials>,
    smokeDeadlineMs: deadline,
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
    throw new NothingDeployed(
      "Nothing is deployed in this stack: run `pulumi up` (`npm run up` in a checkout) first.",
    );
  if (!gateway) throw new UserError(`There is no gateway "${name}"; there is ${names}.`);
  if (another) throw new UserError(`There are several gateways: ${names}. Choose one with --gateway.`);
  return gateway;
}
