import { Command } from "commander";
import { clients } from "./clients.ts";
import { diagram } from "./diagram.ts";
import { logs } from "./logs.ts";
import { UserError } from "./project.ts";
import { smoke } from "./smoke.ts";
import { status } from "./status.ts";
import { summary } from "./summary.ts";
import { token } from "./token.ts";

const program = new Command("mcp-infra")
  .description("What runs, whether it serves its consumers, and how to connect to it.")
  .option("-s, --stack <name>", "the stack (default: the one that is selected in Pulumi)");

/** The stack option stands before or behind the verb. */
const verb = (name: string, description: string) =>
  program.command(name).description(description).option("-s, --stack <name>", "the stack");

const stackOf = (command: Command): string | undefined => command.optsWithGlobals().stack;

verb("status", "show the processes of a local stack").action((_, command) => status(stackOf(command)));
verb("logs", "show the log of a server or gateway of a local stack, or of all")
  .argument("[name]", "name of the server or gateway")
  .option("-n, --lines <count>", "how many of the last lines", "50")
  .action((name: string | undefined, options: { lines: string }, command) =>
    logs(stackOf(command), name, options.lines),
  );
verb("smoke", "run the smoke test against the live stack")
  .option("--json", "print the report as JSON")
  .action((options: { json?: boolean }, command) => smoke(stackOf(command), options));
verb("clients", "print client configuration for a consumer")
  .argument("[consumer]", "name of the consumer")
  .option("--client <client>", "claude-code, cursor or vscode (default: all)")
  .action((consumer: string | undefined, options: { client?: string }, command) =>
    clients(stackOf(command), consumer, options),
  );
verb("token", "print a consumer's bearer token")
  .argument("<consumer>", "name of the consumer")
  .action((consumer: string, _, command) => token(stackOf(command), consumer));
verb("diagram", "print a Mermaid diagram of the integration").action((_, command) =>
  diagram(stackOf(command)),
);
verb("summary", "print where to connect, the readiness checklist and the smoke test").action((_, command) =>
  summary(stackOf(command)),
);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
