import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { smokeReportSchema } from "../../smoke/index.ts";
import {
  type AuthorizationServer,
  authorizationServer,
} from "../gateway/authentication/authorization-server.ts";
import { freePorts, Project } from "./project.ts";

/** A gateway that takes tokens of a real authorization server; each test goes on where the last one ended. */
describe("tokens that others sign", () => {
  const secrets = { reader: "reader-canary-4f1c77", writer: "writer-canary-9e02aa" };
  let project: Project;
  let issuer: AuthorizationServer;
  const printed: string[] = [];
  const keep = <Kept extends { output: string }>(run: Kept) => {
    printed.push(run.output);
    return run;
  };

  const smoke = async () =>
    smokeReportSchema.parse(JSON.parse(keep(await project.cli("smoke", "--json")).output));

  beforeAll(async () => {
    issuer = await authorizationServer({
      clients: Object.entries(secrets).map(([name, client_secret]) => ({
        client_id: `${name}-app`,
        client_secret,
        grant_types: ["client_credentials"],
        redirect_uris: [],
        response_types: [],
      })),
    });
    project = await Project.running("tokens-program.ts");
    const [port = 0] = await freePorts(1);
    await project.configure({ port: String(port), issuer: issuer.issuer });
    for (const [name, value] of Object.entries(secrets))
      await project.pulumi("config", "set", "--secret", name, value);
  });
  afterAll(async () => {
    await project[Symbol.asyncDispose]();
    await issuer.stop();
  });

  test("the smoke test gets a token for each consumer, and proves who may do what", async () => {
    const { exitCode, output } = keep(await project.up());
    expect(exitCode, output).toBe(0);
    const { checks, passed } = await smoke();
    expect(passed).toBe(true);
    const detailOf = (subject: string, check: string) =>
      checks.find((each) => each.subject === subject && each.check === check)?.detail;
    expect(detailOf("consumer reader", "gets a token")).toBe(`from ${issuer.issuer}, for client reader-app`);
    expect(detailOf("consumer reader", "is refused what others use (2026-07-28)")).toMatch(
      /tools__echo .*403/,
    );
    expect(detailOf("gateway edge", "refuses a wrong token")).toMatch(
      /HTTP 401, Bearer challenge with metadata/,
    );
  });

  test("nothing is generated, and clients are told where to sign in", async () => {
    expect(await project.outputs()).toMatchObject({ tokens: {} });
    const { output } = keep(await project.cli("clients", "reader"));
    expect(output).toContain("sign in when it first connects");
    expect(output).not.toMatch(/Authorization|TOKEN/);
  });

  test("the command line has a token for whoever wants to try, as the smoke test's client", async () => {
    const { output } = await project.cli("token", "reader");
    const { endpoint } = await project.outputs();
    expect(decodeJwt(output)).toMatchObject({ client_id: "reader-app", scope: "search", aud: endpoint });
  });

  test("a client's wrong secret is red, with the reason and the consumer", async () => {
    await project.pulumi("config", "set", "--secret", "reader", "another-canary-000000");
    const { exitCode, output } = keep(await project.up());
    expect(exitCode).not.toBe(0);
    expect(output).toContain("consumer reader: correct credentials.reader of the smoke test");
    expect(output).toMatch(/✓ │ consumer writer +│ gets a token/);
    // What was green last is what the command line goes on with.
    expect((await smoke()).passed).toBe(true);
  });

  test("no secret and no token was printed", () => {
    expect(printed.join("\n")).not.toMatch(/canary|eyJ[\w-]{10}/);
  });
});
