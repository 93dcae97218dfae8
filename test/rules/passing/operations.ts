import {
  type Change,
  consumer,
  offered,
  promise,
  remoteOf,
  server,
  signed,
  withStandby,
} from "../changes.ts";

/** What comes near to a violation and is none. */
export const operations: Record<string, [string, Change][]> = {
  "smoke-proves-credentials": [
    ["a standby's credential is used by no example, since nobody calls it", (model) => withStandby(model)],
  ],
  "known-tool-settings": [
    [
      "a server that may have any tool has settings for one",
      (model) => {
        delete server(model, "github").tools;
        server(model, "github").perTool = { search_code: { repeatable: true } };
      },
    ],
  ],
  "smoke-credentials": [["each consumer's token can be had", signed]],
  "offered-in-reach": [
    ["it is another stack's, here", (model) => Object.assign(server(model, "notes"), { offered })],
  ],
  "known-tools": [
    [
      "a server does not say what it has",
      (model) => {
        Object.assign(server(model, "notes"), { tools: undefined });
        consumer(model).uses.push({ server: "notes", tool: "whatever" });
      },
    ],
  ],
  "current-transport": [
    [
      "a word only begins so",
      (model) => {
        remoteOf(model).url = "https://tickets.example.com/sse-docs";
        Object.assign(server(model, "github").http ?? {}, { args: ["--assess"] });
      },
    ],
  ],
  "alerts-routed": [
    [
      "somebody is told",
      (model) => {
        promise(model);
        const webhook = { url: { store: "vault", key: "ticketsKey" } };
        Object.assign(model.alerting ?? {}, { notify: { webhook } });
      },
    ],
    [
      "no alerting at all is another rule's",
      (model) => {
        promise(model);
        delete model.alerting;
      },
    ],
  ],
};
