import { writeFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { freePorts, Project } from "./project.ts";

/** The versions that a promotion goes from and to. */
export const [older, newer] = ["2026.7.10", "2026.8.31"] as const;

/** The stacks `test` and `staging` of one program, under version control. */
export class PromotionStacks implements AsyncDisposable {
  readonly project: Project;

  private constructor(project: Project) {
    this.project = project;
  }

  static async make(): Promise<PromotionStacks> {
    const stacks = new PromotionStacks(await Project.running("promotion-program.ts"));
    await stacks.project.pulumi("stack", "init", "staging");
    const ports = await freePorts(2);
    for (const [index, stack] of ["test", "staging"].entries())
      await stacks.configure(stack, { port: String(ports[index]) });
    await writeFile(
      path.join(stacks.project.directory, ".gitignore"),
      ["node_modules", ".mcp-infra", ".pulumi-state"].join("\n"),
    );
    await stacks.#git("init", "--quiet");
    await stacks.commit();
    return stacks;
  }

  /** Sets configuration of a stack; `undefined` takes it out. */
  async configure(stack: string, values: Record<string, string | undefined>): Promise<void> {
    for (const [key, value] of Object.entries(values)) {
      const change = value === undefined ? ["rm", key] : ["set", key, value];
      await this.project.pulumi("config", ...change, "--stack", stack);
    }
  }

  /** Updates a stack; fails the test when that fails. */
  async up(stack: string): Promise<string> {
    const { exitCode, output } = await this.project.pulumi("up", "--yes", "--skip-preview", "--stack", stack);
    if (exitCode !== 0) throw new Error(output);
    return output;
  }

  /** Commits what has changed, and records a release of a stack. */
  async release(stack: string): Promise<void> {
    await this.commit();
    const { exitCode, output } = await this.project.cli("release", "--stack", stack);
    if (exitCode !== 0) throw new Error(output);
    await this.commit();
  }

  promote(from = "test", to = "staging") {
    return this.project.cli("promote", "--from", from, "--to", to);
  }

  /** A stack's record. */
  async record(stack: string): Promise<Record<string, unknown>> {
    return JSON.parse(await this.project.read("releases", `${stack}.json`));
  }

  /** What a stack's server `files` was started from, as its state says. */
  async filesOf(stack: string): Promise<unknown> {
    const { output } = await this.project.pulumi("stack", "export", "--stack", stack);
    const { deployment } = JSON.parse(output) as {
      deployment: { resources: { urn: string; inputs: Record<string, unknown> }[] };
    };
    return deployment.resources.find(({ urn }) => urn.endsWith("index:Server::files"))?.inputs.artifact;
  }

  async commit(): Promise<void> {
    await this.#git("add", ".");
    await this.#git(
      ...["-c", "user.name=t", "-c", "user.email=t@example.com"],
      ...["commit", "--quiet", "--allow-empty", "-m", "Change"],
    );
  }

  #git(...args: string[]) {
    return execa("git", args, { cwd: this.project.directory });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.project.pulumi("destroy", "--yes", "--stack", "staging");
    await this.project.pulumi("stack", "select", "test");
    await this.project[Symbol.asyncDispose]();
  }
}
