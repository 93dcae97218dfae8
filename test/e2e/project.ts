import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { stringify } from "yaml";
import { type ReadRecord, readRecords } from "../../components/targets/local/provider/records.ts";
import { pulumiEnvironment } from "../../toolchain/environment.mjs";
import { findPulumi } from "../../toolchain/pulumi-cli.mjs";

/** The checkout under test. */
export const checkout = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** What a run of Pulumi gave. */
export interface Run {
  exitCode: number;
  /** Everything it printed. */
  output: string;
}

/** A Pulumi project of a test's own, outside the checkout, with the real CLI on a file backend. */
export class Project {
  readonly directory: string;
  readonly #cli: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(directory: string, cli: string, env: NodeJS.ProcessEnv) {
    this.directory = directory;
    this.#cli = cli;
    this.#env = env;
  }

  /**
   * Makes a project whose program is a file of the checkout's tests, with a stack `test`; `beside` another one, on the
   * same backend.
   */
  static async running(program: string, beside?: Project): Promise<Project> {
    const directory = await mkdtemp(path.join(tmpdir(), "mcp-infra-test-"));
    await symlink(path.join(checkout, "node_modules"), path.join(directory, "node_modules"));
    await writeFile(
      path.join(directory, "index.ts"),
      `export * from ${JSON.stringify(path.join(checkout, "test", "e2e", program))};\n`,
    );
    await writeFile(
      path.join(directory, "package.json"),
      JSON.stringify({ type: "module", main: "index.ts" }),
    );
    return Project.in(directory, path.join(checkout, "components/targets/local/provider"), {
      name: path.basename(program, ".ts"),
      state: beside?.directory,
    });
  }

  /** Makes the Pulumi project and the stack in a directory that has its program. */
  static async in(
    directory: string,
    provider: string,
    { name = "arc", state = directory } = {},
  ): Promise<Project> {
    await writeFile(
      path.join(directory, "Pulumi.yaml"),
      stringify({
        name,
        runtime: { name: "nodejs", options: { typescript: false } },
        plugins: { providers: [{ name: "mcp-infra-local", path: provider }] },
      }),
    );
    return Project.at(directory, state);
  }

  /** Makes the stack in a directory that is a Pulumi project already. */
  static async at(directory: string, state = directory): Promise<Project> {
    const cli = await findPulumi();
    const env = await pulumiEnvironment({ cli, state: path.join(state, ".pulumi-state") });
    const project = new Project(directory, cli.path, env);
    await project.pulumi("stack", "init", "test");
    return project;
  }

  /** Runs Pulumi in the project. */
  pulumi(...args: string[]): Promise<Run> {
    return this.#run(this.#cli, [...args, "--non-interactive", "--color", "never"]);
  }

  async #run(command: string, args: string[]): Promise<Run> {
    const options = {
      cwd: this.directory,
      env: this.#env,
      extendEnv: false,
      all: true,
      reject: false,
    } as const;
    const { exitCode = -1, all } = await execa(command, args, options);
    return { exitCode, output: all };
  }

  /** Sets configuration of the stack; objects as JSON. */
  async configure(values: Record<string, unknown>): Promise<void> {
    for (const [key, value] of Object.entries(values))
      await this.pulumi("config", "set", key, typeof value === "string" ? value : JSON.stringify(value));
  }

  preview(...args: string[]): Promise<Run> {
    return this.pulumi("preview", ...args);
  }

  up(...args: string[]): Promise<Run> {
    return this.pulumi("up", "--yes", "--skip-preview", ...args);
  }

  /** The stack's outputs, secrets in plain. */
  async outputs(): Promise<Record<string, unknown>> {
    const { stdout } = await execa(this.#cli, ["stack", "output", "--json", "--show-secrets"], {
      cwd: this.directory,
      env: this.#env,
      extendEnv: false,
    });
    return JSON.parse(stdout);
  }

  /** Runs the framework's command line in the project. */
  cli(...args: string[]): Promise<Run> {
    return this.#run("node", [path.join(checkout, "cli/mcp-infra.js"), ...args]);
  }

  /** The processes of the stack by name, as their records say. */
  processes(): Record<string, Exclude<ReadRecord, { damaged: true }>> {
    const records = readRecords(path.join(this.directory, ".mcp-infra", "test"));
    return Object.fromEntries(records.flatMap((record) => (record.damaged ? [] : [[record.name, record]])));
  }

  /** A file of the project. */
  read(...segments: string[]): Promise<string> {
    return readFile(path.join(this.directory, ...segments), "utf8");
  }

  /** Destroys what the stack made and removes the project. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.pulumi("destroy", "--yes");
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Ports that were free a moment ago, each another. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<typeof server>((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
