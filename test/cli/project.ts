import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { kernelStartTime } from "../../components/targets/local/provider/identity.ts";
import type { ProcessRecord } from "../../components/targets/local/provider/records.ts";

const commandLine = fileURLToPath(new URL("../../cli/mcp-infra.js", import.meta.url));

/** What a run of the command line gave. */
export interface Run {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** A directory of a test's own, in which the real command line runs; without Pulumi on its PATH. */
export class Directory {
  readonly path = mkdtempSync(path.join(tmpdir(), "mcp-infra-cli-"));
  /** Environment of the command line here. */
  readonly env: Record<string, string> = {};

  /** Writes a file, with the directories above it. */
  write(file: string, text: string): string {
    const full = path.join(this.path, file);
    mkdirSync(path.dirname(full), { recursive: true });
    writeFileSync(full, text);
    return full;
  }

  /** Makes it a Pulumi project. */
  asProject(): this {
    this.write("Pulumi.yaml", "name: team\nruntime: nodejs\n");
    return this;
  }

  /** Writes the record of a process as the local target does, with its log. */
  record(stack: string, name: string, change: Partial<ProcessRecord> = {}, log = ""): ProcessRecord {
    const logFile = this.write(`.mcp-infra/${stack}/logs/${name}.log`, log);
    const record: ProcessRecord = {
      name,
      kind: "server-http",
      ...runningProcess(),
      instance: `instance-of-${name}`,
      url: `http://127.0.0.1:7400/${name}`,
      logFile,
      since: "2026-08-31T12:00:00.000Z",
      urn: `urn:pulumi:${stack}::team::${name}`,
      ...change,
    };
    this.write(`.mcp-infra/${stack}/processes/${name}.json`, JSON.stringify(record));
    return record;
  }

  /**
   * Puts a Pulumi on the PATH that has a stack of these resources, or none but those of other names: the real one takes seconds, and what
   * is tested is what becomes of its answer.
   */
  withState(resources?: object[], others: string[] = []): this {
    const answer = { version: 3, deployment: { resources } };
    const prints = (value: unknown) => `process.stdout.write(${JSON.stringify(JSON.stringify(value))})`;
    const script = `
      const named = process.argv[process.argv.indexOf("--stack") + 1];
      const absent = process.argv.includes("--stack")
        ? \`no stack named '\${named}' found\`
        : "no stack selected; please use \`pulumi stack select\`";
      if (process.argv.includes("ls")) ${prints(others.map((name) => ({ name })))};
      else ${resources ? prints(answer) : '{ process.stderr.write("error: " + absent); process.exitCode = 1; }'}`;
    chmodSync(this.write("bin/pulumi", `#!${process.execPath}\n${script};\n`), 0o755);
    this.env.PATH = path.join(this.path, "bin");
    return this;
  }

  /** Runs `mcp-infra` here, or in a directory below. */
  run(args: string[], { below = ".", env = {} }: { below?: string; env?: Record<string, string> } = {}) {
    return runIn(path.join(this.path, below), args, { ...this.env, ...env });
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

async function runIn(cwd: string, args: string[], env: Record<string, string>): Promise<Run> {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [commandLine, ...args], {
    cwd,
    env: { PATH: "/no/such/directory", ...env },
    extendEnv: false,
    reject: false,
  });
  return { exitCode: exitCode ?? -1, stdout, stderr };
}

/** A process that runs for as long as the test does: the test's own. */
export function runningProcess(): Pick<ProcessRecord, "pid" | "startedAt"> {
  return { pid: process.pid, startedAt: kernelStartTime(process.pid) ?? "" };
}

/** A process that has ended: the test's own number, from another start. */
export function endedProcess(): Pick<ProcessRecord, "pid" | "startedAt"> {
  return { pid: process.pid, startedAt: "before the flood" };
}
