import type { GatewayModel, IntegrationModel } from "../../components/model/index.ts";
import { exampleModel } from "../example-model.ts";

/** What is changed about an integration that keeps every rule. */
export type Change = (model: IntegrationModel) => void;

/** An integration that keeps every rule, of a team that promises less than production does. Fresh at each call. */
export const keepingModel = () => {
  const model = exampleModel();
  promise(model, 0.99);
  return model;
};

/** Promises what only production does. */
export const promise = (model: IntegrationModel, availability = 0.999) =>
  Object.assign(gateway(model).objectives ?? {}, { availability });

/** The first consumer has more tools. */
export const addTools = (model: IntegrationModel, count: number, example = {}) => {
  for (let n = 0; n < count; n++)
    consumer(model).uses.push({ server: "notes", tool: `tool_${n}`, ...example });
};

/** The first consumer has an example of these arguments. */
export const withArguments = (model: IntegrationModel, given: Record<string, unknown>) => {
  consumer(model).uses.push({ server: "notes", tool: "read_file", arguments: given });
};

/** So many attempts in no time. */
export const retries = (attempts: number) => ({ attempts, backoff: 1, maxBackoff: 1 });

/** The server of that name. */
export const server = (model: IntegrationModel, name: string) => {
  const found = model.servers.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`no server ${name}`);
  return found;
};

/** One of the consumers. */
export const consumer = (model: IntegrationModel, index = 0) => {
  const found = model.consumers[index];
  if (!found) throw new Error(`no consumer ${index}`);
  return found;
};

/** The gateway. */
export const gateway = (model: IntegrationModel) => {
  if (!model.gateway) throw new Error("no gateway");
  return model.gateway;
};

/** Where the remote server is. */
export const remoteOf = (model: IntegrationModel) => {
  const { remote } = server(model, "tickets");
  if (!remote) throw new Error("no remote server");
  return remote;
};

/** An OAuth client. */
export const client = {
  issuer: "https://login.example.com",
  clientId: "edge",
  clientSecret: { store: "vault", key: "ticketsKey" },
  scopes: [],
};

/** Takes signed tokens, and the smoke test comes by them. */
export const signed = (model: IntegrationModel) => {
  gateway(model).auth = { mode: "jwt", issuers: [{ issuer: client.issuer }] };
  const credential = () => ({ clientCredentials: { ...client } });
  Object.assign(model.smokeTest ?? {}, {
    credentials: Object.fromEntries(model.consumers.map(({ name }) => [name, credential()])),
  });
};

/** How the smoke test comes by the first consumer's token. */
export const credentialOf = (model: IntegrationModel) => {
  const found = model.smokeTest?.credentials["support-agent"]?.clientCredentials;
  if (!found) throw new Error("no credentials");
  return found;
};

/** A server that stands in for another. */
export const withStandby = (
  model: IntegrationModel,
  change: { primary?: string; standby?: string[] } = {},
) => {
  model.servers.push({ ...structuredClone(server(model, "github")), name: "github-standby" });
  const group = { primary: "github", standby: ["github-standby"], mode: "standby" as const, ...change };
  gateway(model).failover.push(group);
};

/** Agrees on definitions of tools. */
export const pin = (model: IntegrationModel, catalogue: GatewayModel["catalogue"]) => {
  gateway(model).catalogue = catalogue;
};

/** Of a definition. */
export const hash = "0".repeat(64);

/** Where a server is from that another stack offers. */
export const offered = { stack: "acme/notes/prod", name: "notes", target: "local" };

/** In the form of a real one. */
export const token = "ghp_0123456789abcdefghijABCDEFGHIJ";
