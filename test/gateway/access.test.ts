import { describe, expect, test } from "vitest";
import { grantsByConsumer, qualified, unqualified } from "../../gateway/access.ts";
import { gatewayConfigSchema } from "../../gateway/config.ts";
import { consumer, gatewayConfig, tools } from "./fixture.ts";

const servers = ["docs", "files"].map((name) => ({ name, url: "http://127.0.0.1/mcp", timeoutMs: 1000 }));

function grants(of: Parameters<typeof consumer>[1]) {
  const config = gatewayConfigSchema.parse(gatewayConfig({ servers, consumers: [consumer("agent", of)] }));
  const found = grantsByConsumer(config).get("agent");
  if (!found) throw new Error("no grants");
  return found;
}

test("nothing is granted unless it is granted", () => {
  const none = grants({});
  expect(none.tool("docs", "search")).toBe(false);
  expect(none.prompt("docs", "search")).toBe(false);
  expect(none.resource("docs://a")).toBeUndefined();
  expect(none.servers("tools")).toEqual([]);
});

test("a star is every tool of that server, and of no other", () => {
  const star = grants({ tools: tools("docs") });
  expect(star.tool("docs", "anything")).toBe(true);
  expect(star.tool("files", "anything")).toBe(false);
  expect(star.tool("elsewhere", "anything")).toBe(false);
});

test("names keep their own underscores", () => {
  expect(unqualified(qualified("docs", "a__b_c"))).toEqual({ server: "docs", name: "a__b_c" });
  expect(unqualified("__x")).toBeUndefined();
  expect(unqualified("x")).toBeUndefined();
});

describe("resources", () => {
  const some = grants({
    resources: [
      { server: "docs", uri: "file:///docs/" },
      { server: "files", uri: "file:///docs/private/" },
      { server: "files", uri: "file:///docs/one.txt" },
    ],
  });
  test.each([
    ["file:///docs/a.md", "docs"],
    ["file:///docs/private/a.md", "files"],
    ["file:///docs/one.txt", "files"],
    ["file:///docs/one.txt.bak", "docs"],
    ["file:///docs", undefined],
    ["file:///other/a.md", undefined],
  ])("%s is read from %s", (uri, server) => expect(some.resource(uri)?.server).toBe(server));

  test.each([
    "file:///docs/../etc/passwd",
    "file:///docs/..",
    "file:///docs/./a",
    "file:///docs/%2e%2e/etc/passwd",
    "file:///docs/%252e%252e%252fetc/passwd",
    "file:///docs/..%2fetc/passwd",
    "file:///docs/..\\etc",
    "file:///docs/%",
    // URL parsers leave out tabs and line ends anywhere, and blanks at the edges.
    "file:///docs/.\t./etc/passwd",
    "file:///docs/.\n./etc/passwd",
    "file:///docs/.. ",
    "file:///docs/.%09./etc/passwd",
  ])("no prefix covers %s", (uri) => expect(some.resource(uri)).toBeUndefined());

  test("a template is listed where a prefix covers its literal start", () => {
    expect(some.template("docs", "file:///docs/{name}")).toBe(true);
    expect(some.template("docs", "file:///{name}")).toBe(false);
    expect(some.template("files", "file:///docs/one.txt{?version}")).toBe(false);
    expect(some.template("docs", "file:///docs/../etc/{name}")).toBe(false);
    expect(some.template("docs", "file:///docs/{name}/../../etc/passwd")).toBe(false);
    expect(some.template("docs", "file:///docs/private/{name}")).toBe(false);
  });
});
