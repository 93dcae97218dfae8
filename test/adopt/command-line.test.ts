import { expect, test } from "vitest";
import { type Program, programIn } from "../../adopt/command-line.ts";

const table: [string, string, string[], Partial<Program>][] = [
  [
    "npx",
    "npx",
    ["-y", "@acme/a@1.2.3", "--x"],
    { package: { name: "@acme/a", range: "1.2.3" }, args: ["--x"] },
  ],
  ["npx without a version", "npx", ["a"], { package: { name: "a" }, args: [] }],
  [
    "npx of a package's other command",
    "npx",
    ["--yes", "-p", "a@1", "b", "c"],
    { package: { name: "a", range: "1", bin: "b" }, args: ["c"] },
  ],
  [
    "npx on Windows",
    "cmd",
    ["/c", "npx", "-y", "a@1.0.0"],
    { package: { name: "a", range: "1.0.0" }, args: [] },
  ],
  ["all in one text", "npx -y a@1.0.0", [], { package: { name: "a", range: "1.0.0" }, args: [] }],
  [
    "npm exec",
    "npm",
    ["exec", "--", "a@1.0.0", "x"],
    { package: { name: "a", range: "1.0.0" }, args: ["x"] },
  ],
  ["pnpm dlx", "/usr/bin/pnpm", ["dlx", "a@1.0.0"], { package: { name: "a", range: "1.0.0" }, args: [] }],
  ["npx of a repository", "npx", ["github:a/b"], { start: { command: "npx", args: ["github:a/b"] } }],
  [
    "mcp-remote",
    "npx",
    ["mcp-remote", "https://a.example.com/mcp", "--header", "X-Key: k"],
    { remote: { url: "https://a.example.com/mcp", headers: { "X-Key": "k" } } },
  ],
  [
    "docker run",
    "docker",
    ["run", "-i", "--rm", "-e", "A", "--env=B=2", "img:1", "serve"],
    { image: { reference: "img:1", args: ["serve"] }, env: ["A", "B=2"], remarks: [] },
  ],
  [
    "docker run with more",
    "docker",
    ["run", "-it", "-v", "/a:/b", "--privileged", "--entrypoint", "/run", "img"],
    {
      image: { reference: "img", command: "/run", args: [] },
      remarks: ["docker's -v is not carried over", "docker's --privileged is not carried over"],
    },
  ],
  [
    "a program",
    "/opt/server",
    ["--stdio"],
    { start: { command: "/opt/server", args: ["--stdio"] }, remarks: [] },
  ],
  ["uvx", "uvx", ["mcp-server-fetch"], { start: { command: "uvx", args: ["mcp-server-fetch"] } }],
  [
    "a script in a shell",
    "bash",
    ["-lc", "TOKEN=x npx a"],
    { refused: expect.stringContaining("script in a shell") },
  ],
  ["a line of shell", "npx a && npx b", [], { refused: expect.stringContaining("line of shell") }],
  ["npx with a script", "npx", ["-c", "a | b"], { refused: expect.stringContaining("script in a shell") }],
  ["docker without an image", "docker", ["run", "-i"], { refused: "docker run is given no image" }],
];

test.each(table)("%s", (_, command, args, program) => {
  expect(programIn({ command, args })).toMatchObject(program);
});
