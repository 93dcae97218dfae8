import { describe, expect, test } from "vitest";
import { changesBetween } from "../../review/changes.ts";
import { bySubject, inWords } from "../../review/words.ts";
import { integration } from "./models.ts";

type Change = Parameters<typeof integration>[0];

const words = (before: Change, after: Change) =>
  bySubject(changesBetween(integration(before), integration(after))).flatMap(([{ kind, name }, all]) =>
    all.map((change) => `${kind} ${name} ${inWords(change, (text) => text)}`),
  );

const uses = (...tools: string[]) => ({ uses: tools.map((tool) => ({ server: "github", tool })) });
const http = (rest: Record<string, unknown> = {}) => ({
  stdio: undefined,
  http: { image: "ghcr.io/acme/github@sha256:1", port: 8080 },
  ...rest,
});
const secret = { store: "vault", key: "token" };

describe("a change in words of the domain", () => {
  test.each<[string, Change, Change, string[]]>([
    ["nothing", {}, {}, []],
    [
      "replicas",
      { server: http({ replicas: 2 }) },
      { server: http({ replicas: 3 }) },
      ["server github replicas 2 → 3"],
    ],
    [
      "a package's version",
      {},
      { server: { stdio: { package: "npm:@acme/github-mcp@1.3.0" } } },
      ["server github package npm:@acme/github-mcp@1.2.3 → npm:@acme/github-mcp@1.3.0"],
    ],
    [
      "a tool that a consumer gets, and one that it loses",
      {},
      { consumer: uses("delete_repo") },
      ["consumer support-agent gains tool github__delete_repo; loses tool github__search_code"],
    ],
    [
      "a consumer that is new, by what it may do",
      {},
      {
        rest: {
          consumers: [...integration().consumers, { name: "other", identity: {}, ...uses("delete_repo") }],
        },
      },
      ["consumer other is new; gains tool github__delete_repo"],
    ],
    ["a timeout", {}, { gateway: { resilience: { timeout: "30s" } } }, ["gateway edge timeout 10 s → 30 s"]],
    [
      "retries that end",
      {},
      { server: { resilience: { retry: false } } },
      ["server github retry none → off"],
    ],
    [
      "a circuit breaker",
      {},
      { gateway: { resilience: { timeout: "10s", circuitBreaker: { failures: 3, cooldown: "30s" } } } },
      ["gateway edge circuit breaker after 5 failures, for 10 s → after 3 failures, for 30 s"],
    ],
    [
      "authentication",
      {},
      { gateway: { resilience: { timeout: "10s" }, auth: { mode: "none" } } },
      ["gateway edge authentication a token for every caller → none"],
    ],
    [
      "egress",
      { server: { egress: ["api.github.com:443"] } },
      { server: { egress: ["*:443"] } },
      ["server github egress: gains *:443; loses api.github.com:443"],
    ],
    [
      "objectives",
      { gateway: { objectives: { availability: 0.999, p95: "1s" } } },
      { gateway: { objectives: { availability: 0.99, p95: "1s" } } },
      ["gateway edge objective of availability 99.9 % → 99 %"],
    ],
    [
      "a secret, by its name",
      {},
      { server: { env: { TOKEN: secret } } },
      ["server github environment: gains TOKEN", "server github secrets: gains vault / token as env.TOKEN"],
    ],
    [
      "failover",
      {},
      { gateway: { resilience: { timeout: "10s" }, failover: [{ primary: "github", standby: ["spare"] }] } },
      ["gateway edge failover: gains github → spare (standby)"],
    ],
    [
      "an alert that is taken away",
      { rest: { alerting: { name: "alerts", after: 120_000 } } },
      {},
      ["alerting alerts is removed: after 2 min"],
    ],
  ])("%s", (_, before, after, expected) => {
    expect(words(before, after)).toEqual(expected);
  });

  test("tells that arguments and values of the environment change, and never which", () => {
    const before = {
      server: { stdio: { command: "github", args: ["--key=canary1"] }, env: { MODE: "canary2" } },
    };
    const after = {
      server: { stdio: { command: "github", args: ["--key=canary3"] }, env: { MODE: "canary4" } },
    };
    expect(words(before, after)).toEqual([
      "server github arguments change",
      "server github values of its environment change",
    ]);
    expect(JSON.stringify(changesBetween(integration(before), integration(after)))).not.toContain("canary");
  });

  test("of a stack that is new says what there will be", () => {
    const kinds = changesBetween(undefined, integration()).map(({ kind, change }) => `${kind} ${change}`);
    expect(kinds).toEqual(["consumer added", "server added", "gateway added"]);
  });
});
