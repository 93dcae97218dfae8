import { describe, expect, test } from "vitest";
import type { IntegrationModel } from "../../../components/model/index.ts";
import { check } from "../../../components/rules/rule.ts";
import { capabilities } from "../../../components/targets/local/capabilities.ts";
import { exampleModel } from "../../example-model.ts";

/** The example without what this machine can't do: its image, and more than one of it. */
function localModel(change: (model: IntegrationModel) => void = () => {}): IntegrationModel {
  const model = exampleModel();
  const github = serverOf(model, "github");
  Object.assign(github, { http: { ...github.http, image: undefined, command: "github" }, replicas: 1 });
  change(model);
  return model;
}

function serverOf({ servers }: IntegrationModel, name: string) {
  const found = servers.find((server) => server.name === name);
  if (!found) throw new Error(`no server ${name}`);
  return found;
}

const image = `ghcr.io/a/b@sha256:${"0".repeat(64)}`;
const external = { githubToken: { key: "prod/github" } };

describe("this machine", () => {
  test("runs what it can", () => {
    expect(check(capabilities, localModel())).toEqual([]);
  });

  test.each<[string, string, (model: IntegrationModel) => void, string]>([
    [
      "local-no-images",
      "an image of an HTTP server",
      (model) => Object.assign(serverOf(model, "github").http ?? {}, { image }),
      "server github: http.image",
    ],
    [
      "local-no-images",
      "an image of a stdio server, with its command",
      (model) => Object.assign(serverOf(model, "notes"), { stdio: { image, command: "notes", args: [] } }),
      "server notes: stdio.image",
    ],
    [
      "local-single-replica",
      "replicas",
      (model) => Object.assign(serverOf(model, "github"), { replicas: 2 }),
      "server github: replicas",
    ],
    [
      "local-single-replica",
      "replicas under load",
      (model) => Object.assign(serverOf(model, "github"), { autoscale: { max: 2, cpu: 0.7 } }),
      "server github: autoscale.max",
    ],
    [
      "local-single-replica",
      "replicas of a gateway",
      (model) => Object.assign(model.gateway ?? {}, { replicas: 2 }),
      "gateway edge: replicas",
    ],
    [
      "local-no-external-secrets",
      "a secret of an outside store",
      (model) => Object.assign(model.secrets[0] ?? {}, { given: ["ticketsKey"], external }),
      "server github: env.GITHUB_TOKEN",
    ],
  ])("%s: has no %s", (rule, _, change, path) => {
    expect(check(capabilities, localModel(change))).toMatchObject([{ rule, path }]);
  });

  test("passes over what nobody uses of an outside store", () => {
    const change = (model: IntegrationModel) =>
      Object.assign(model.secrets[0] ?? {}, { external: { spare: { key: "prod/spare" } } });
    expect(check(capabilities, localModel(change))).toEqual([]);
  });

  test("leaves replicas of a server with sessions to the rule that knows why", () => {
    const change = (model: IntegrationModel) => {
      Object.assign(serverOf(model, "github"), { replicas: 2 });
      Object.assign(serverOf(model, "github").http ?? {}, { sessions: true });
    };
    expect(check(capabilities, localModel(change))).toEqual([]);
  });
});
