import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensurePackage, packageFolder } from "../../components/targets/local/provider/package-cache.ts";
import { packageRoot } from "../../gateway/packages/npm-package.ts";
import { consumer, Fixture, type Program, tools } from "./fixture.ts";

/** The official Inspector: a client by other people. It is large, so it is kept beside the servers' packages. */
const INSPECTOR = { name: "@modelcontextprotocol/inspector", version: "2.12.0" };

const launcher = join(packageRoot(packageFolder(INSPECTOR), INSPECTOR), "clients/launcher/build/index.js");

const fixture = new Fixture();
let gateway: Program & { origin: string };

beforeAll(async () => {
  await ensurePackage(INSPECTOR);
  const server = [process.execPath, join(import.meta.dirname, "conformance/reference-server.ts"), "both"];
  const { port } = await fixture.run(server).logged("listening");
  const prompts = [{ server: "reference", name: "test_prompt_with_arguments" }];
  gateway = await fixture.gateway({
    servers: [{ name: "reference", url: `http://127.0.0.1:${port}/mcp`, timeoutMs: 10_000 }],
    consumers: [
      consumer("agent", {
        tools: tools("reference", "test_simple_text"),
        prompts,
        resources: [{ server: "reference", uri: "test://" }],
      }),
    ],
  });
});
afterAll(() => fixture.close());

describe.each(["legacy", "modern"])("the Inspector's command line in the %s era", (era) => {
  const inspect = async (method: string, args: string[] = [], token = "agent-token") => {
    const program = fixture.run(
      [
        ...[process.execPath, launcher, "--cli", "--server-url", `${gateway.origin}/mcp`],
        ...["--transport", "http", "--protocol-era", era, "--header", `Authorization: Bearer ${token}`],
        ...["--stored-auth-only", "--format", "json", "--method", method, ...args],
      ],
      { HOME: fixture.directory },
    );
    return { code: await program.exit, output: program.stdout(), errors: program.stderr() };
  };
  const result = async (method: string, ...args: string[]) => {
    const { code, output, errors } = await inspect(method, args);
    expect(code, errors).toBe(0);
    return (JSON.parse(output) as { result: Record<string, unknown> }).result;
  };
  const error = async (...args: Parameters<typeof inspect>) =>
    JSON.parse((await inspect(...args)).errors).error;

  test("lists and calls tools", async () => {
    expect((await result("tools/list")).tools).toEqual([
      expect.objectContaining({ name: "reference__test_simple_text" }),
    ]);
    const { content } = await result("tools/call", "--tool-name", "reference__test_simple_text");
    expect(content).toEqual([{ type: "text", text: "This is a simple text response for testing." }]);
  });

  test("lists and gets prompts", async () => {
    const name = "reference__test_prompt_with_arguments";
    expect((await result("prompts/list")).prompts).toEqual([expect.objectContaining({ name })]);
    const { messages } = await result(
      "prompts/get",
      ...["--prompt-name", name, "--prompt-args", "arg1=hello", "arg2=world"],
    );
    const text = "Prompt with arguments: arg1='hello', arg2='world'";
    expect(messages).toEqual([{ role: "user", content: { type: "text", text } }]);
  });

  test("lists and reads resources", async () => {
    const { resources } = await result("resources/list");
    expect(resources).toContainEqual(expect.objectContaining({ uri: "test://static-text" }));
    const { resourceTemplates } = await result("resources/templates/list");
    expect(resourceTemplates).toEqual([
      expect.objectContaining({ uriTemplate: "test://template/{id}/data" }),
    ]);
    const uri = "test://template/7/data";
    const { contents } = await result("resources/read", "--uri", uri);
    expect(contents).toEqual([expect.objectContaining({ uri, text: expect.stringContaining('"id":"7"') })]);
  });

  test("is told that it needs a token, and finds no tool that is not granted", async () => {
    expect(await error("tools/list", [], "no-such-token")).toMatchObject({ code: "auth_required" });
    const denied = await error("tools/call", ["--tool-name", "reference__test_audio_content"]);
    expect(denied).toMatchObject({ code: "tool_not_found" });
  });
});
