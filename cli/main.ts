import { Command } from "commander";
import { faults } from "../drill/index.ts";
import { clients } from "./clients.ts";
import { connect } from "./connect.ts";
import { diagram } from "./diagram.ts";
import { drift } from "./drift.ts";
import { type DrillOptions, drill } from "./drill.ts";
import { type ImportOptions, importServers } from "./import.ts";
import { init } from "./init.ts";
import { type LockOptions, lock } from "./lock.ts";
import { logs } from "./logs.ts";
import { type PreviewOptions, preview } from "./preview.ts";
import { type ProfileOptions, profile } from "./profile.ts";
import { UserError } from "./project.ts";
import { type PromoteOptions, promote } from "./promote.ts";
import { release } from "./release.ts";
import { type RollbackOptions, rollback } from "./rollback.ts";
import { rules } from "./rules.ts";
import type { Selection } from "./selection.ts";
import { smoke } from "./smoke.ts";
import { status } from "./status.ts";
import { summary } from "./summary.ts";
import { token } from "./token.ts";

const program = new Command("mcp-infra").description(
  "What runs, whether it serves its consumers, and how to connect to it.",
);

const verb = (name: string, description: string) =>
  program
    .command(name)
    .description(description)
    .option("-s, --stack <name>", "the stack (default: the one that is selected in Pulumi)");

/** A verb about one gateway of the stack. */
const gatewayVerb = (name: string, description: string) =>
  verb(name, description).option("-g, --gateway <name>", "the gateway (default: the only one)");

program
  .command("init")
  .description("make a new project: a small integration that goes up green")
  .argument("[directory]", "where (default: here)")
  .action((directory?: string) => init(directory));
verb(
  "import",
  "write the program from what there is: a client's configuration, a server.json, ToolHive's manifests",
)
  .argument("<file...>", ".mcp.json, claude_desktop_config.json, mcp.json, server.json or a manifest")
  .option(
    "--ask",
    "start each server once, as a deployment does, and list its tools; without, none is started",
  )
  .action((files: string[], options: ImportOptions) => importServers(files, options));
verb("status", "show what runs and whether it does: processes, or a cluster's workloads").action(
  ({ stack }: Selection) => status(stack),
);
verb("logs", "show the end of the log of a server or gateway, or of all")
  .argument("[name]", "name of the server or gateway")
  .option("-n, --lines <count>", "how many of the last lines", "50")
  .action((name: string | undefined, { stack, lines }: Selection & { lines: string }) =>
    logs(stack, name, lines),
  );
gatewayVerb("smoke", "run the smoke test against the live stack")
  .option("--json", "print the report as JSON")
  .action((options: Selection & { json?: boolean }) => smoke(options, options));
gatewayVerb(
  "drill",
  "kill, hang, slow down and corrupt live servers under load, and show what became of the calls",
)
  .argument("[server]", "name of the server (default: each in turn)")
  .option("--fault <fault>", `one of ${faults.join(", ")} (default: each in turn)`)
  .option("--hold <seconds>", "how long each lasts", "5")
  .option("--clients <count>", "calls under way at the same time", "8")
  .option("--yes", "do it; without, it is only said what would be done")
  .action((server: string | undefined, options: DrillOptions) => drill(server, options));
program
  .command("preview")
  .description("show what a change does to servers, consumers and calls, and whether it is refused")
  .option("-s, --stack <name...>", "the stacks (default: the one that is selected in Pulumi)")
  .option("--all", "every stack of the project")
  .option("--markdown", "print one comment for a pull request")
  .option("--base <commit>", "compare lock files with where this parted from it (default: the last commit)")
  .action((options: PreviewOptions) => preview(options));
gatewayVerb(
  "drift",
  "say what differs between declaration, state and what is live; exit with 2 when something does",
)
  .option("--json", "print it as JSON")
  .action((options: Selection & { json?: boolean }) => drift(options, options));
gatewayVerb("profile", "measure the live stack against its objective, and say which settings to change")
  .option("-d, --duration <time>", "time for each number of clients at each tool", "2s")
  .option("-c, --clients <count>", "clients at once that the objective has to hold for", "1")
  .option("-o, --out <dir>", "where the plots go (default: .mcp-infra/<stack>/profile)")
  .action((options: ProfileOptions) => profile(options));
gatewayVerb("lock", "write down what each consumer of the live stack sees, for version control")
  .option("-f, --file <path>", "the file (default: mcp-infra.<stack>.lock.yaml beside Pulumi.yaml)")
  .option("--check", "write nothing; exit with 1 when the file is not what is live")
  .action((options: Selection & LockOptions) => lock(options, options));
gatewayVerb("release", "record what is live and green, with the evidence, for version control").action(
  (options: Selection) => release(options),
);
program
  .command("promote")
  .description("give a stack the release that was proved in another, or say why not")
  .requiredOption("--from <stack>", "the stack whose release it is")
  .requiredOption("--to <stack>", "the stack that gets it; only its release record changes")
  .option("-g, --gateway <name>", "the gateway there (default: of the same name)")
  .action((options: PromoteOptions) => promote(options));
program
  .command("rollback")
  .description("return a stack to the release before")
  .requiredOption("-s, --stack <name>", "the stack")
  .option("--up", "make it live too, and prove it by the smoke test")
  .action((options: RollbackOptions) => rollback(options));
gatewayVerb("connect", "open a way to a gateway in a cluster, until Ctrl-C")
  .option("-p, --port <port>", "port on this machine (default: the one that the gateway declares)")
  .action((options: Selection & { port?: string }) => connect(options, options.port));
gatewayVerb("clients", "print client configuration for a consumer")
  .argument("[consumer]", "name of the consumer")
  .option("--client <client>", "claude-code, cursor or vscode (default: all)")
  .action((consumer: string | undefined, options: Selection & { client?: string }) =>
    clients(options, consumer, options),
  );
gatewayVerb("token", "print a consumer's bearer token")
  .argument("<consumer>", "name of the consumer")
  .action((consumer: string, options: Selection) => token(options, consumer));
gatewayVerb("diagram", "print a Mermaid diagram of the integration").action((options: Selection) =>
  diagram(options),
);
gatewayVerb("summary", "print where to connect, the readiness checklist and the smoke test").action(
  (options: Selection) => summary(options),
);
program
  .command("rules")
  .description("list the rules that declarations are judged by, and who enforces them")
  .option("--json", "print them as JSON, with remediation, reference and parameters")
  .action((options: { json?: boolean }) => rules(options));

// A reader that has seen enough, such as `head`, closes the pipe; that is no fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
