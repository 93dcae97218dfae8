import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { maskerOf } from "../../../components/model/masking.ts";
import { lastLines } from "../../../components/targets/local/provider/log-file.ts";
import { writePrivateFile } from "../../../components/targets/local/provider/records.ts";

const directory = mkdtempSync(join(tmpdir(), "mcp-infra-test-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("a message shows no secret", () => {
  const secret = 'p?ss "w~rd/with+chars>';
  test.each([
    ["as it is", secret],
    ["in JSON", JSON.stringify({ key: secret })],
    ["in a URL", `https://example.com/?key=${encodeURIComponent(secret)}`],
    ["in a form", String(new URLSearchParams({ key: secret }))],
    ["in Base64", base64(secret)],
    ["in Base64 for URLs", Buffer.from(secret).toString("base64url")],
    ["behind one byte in Base64", base64(`:${secret}`)],
    ["behind two bytes in Base64", base64(`u:${secret}`)],
    ["in Base64 before something else", base64(`${secret}:x`)],
  ])("%s", (_form, text) => {
    const shown = maskerOf([secret])(`the key is ${text}.`);
    expect(shown).toContain("[secret]");
    expect(shown).not.toMatch(/p\?ss|w~rd|%2Fwith|cmQvd2l0a/);
    expect(shown.length).toBeLessThan(60);
  });

  test("of several lines, whichever way they end and are indented", () => {
    const pem = "-----BEGIN KEY-----\r\n  MIIBVgIBADANBg\r\n  kqhkiG9w0BAQEF\r\n";
    expect(maskerOf([pem])("| MIIBVgIBADANBg\n| kqhkiG9w0BAQEF")).toBe("| [secret]\n| [secret]");
  });

  test("cut in half by the beginning of what is shown of a log", () => {
    const log = join(directory, "long.log");
    writeFileSync(log, `${"x".repeat(100)}the-secret${"y".repeat(16 * 1024 - 16)}\nlast\n`);
    expect(lastLines(log, 0, 10)).toEqual(["last"]);
  });
});

test("a log's last lines do nothing to the terminal that shows them", () => {
  const log = join(directory, "control.log");
  writeFileSync(log, "\u001b[2J\u001b]0;title\u0007fine\u009b31m\rover\n");
  expect(lastLines(log, 0, 10)).toEqual([" [2J ]0;title fine 31m over"]);
});

test("a private file is written into no file that is there already", () => {
  const [path, victim] = [join(directory, "config.json"), join(directory, "victim")];
  writeFileSync(victim, "untouched", { mode: 0o644 });
  symlinkSync(victim, `${path}.${process.pid}.tmp`);
  writePrivateFile(path, "ours");
  expect(readFileSync(victim, "utf8")).toBe("untouched");
  expect(readFileSync(path, "utf8")).toBe("ours");
  expect(statSync(path).mode & 0o777).toBe(0o600);
});
