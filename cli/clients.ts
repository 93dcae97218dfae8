import { type ClientKind, clientConfiguration, clientKinds } from "../components/views/clients.ts";
import { projectDirectory, UserError } from "./project.ts";
import { optionsOf, type Selection } from "./selection.ts";
import { consumerNamed, deployedGateway } from "./stack.ts";

/** Prints ready-to-paste client configuration for a consumer; the token is never in it. */
export async function clients(
  selection: Selection,
  consumer: string | undefined,
  options: { client?: string },
): Promise<void> {
  const gateway = await deployedGateway(selection);
  const { model, endpoint, forwarded } = gateway;
  const name = consumer === undefined ? undefined : consumerNamed(gateway, consumer);
  if (name === undefined)
    throw new UserError(
      `Whose configuration? Name one of the consumers: ${model.consumers.map(({ name }) => name).join(", ")}.`,
    );
  // One client's configuration alone can be sent into its file; what explains it goes another way then.
  const explain = options.client === undefined ? process.stdout : process.stderr;
  const way = forwarded
    ? [
        `The gateway is in a cluster and not exposed. While the client runs, hold the way there open:\n  cd "${projectDirectory()}" && npx --no mcp-infra connect${optionsOf(selection)}`,
      ]
    : [];
  for (const kind of chosen(options.client)) {
    const { file, content, how } = clientConfiguration(kind, {
      name: model.name,
      endpoint: model.gateway?.publicUrl ?? endpoint,
      consumer: name,
      auth: model.gateway?.auth.mode ?? "tokens",
      printToken: `cd "${projectDirectory()}" && npx --no mcp-infra token ${name}${optionsOf(selection)}`,
    });
    explain.write(`# ${kind}: ${file}\n`);
    process.stdout.write(content);
    explain.write(`${[...way, how.trimEnd()].join("\n").replaceAll(/^/gm, "# ")}\n\n`);
  }
}

function chosen(client: string | undefined): readonly ClientKind[] {
  if (client === undefined) return clientKinds;
  const known = clientKinds.filter((kind) => kind === client);
  if (known.length === 0)
    throw new UserError(`There is no client "${client}"; there is ${clientKinds.join(", ")}.`);
  return known;
}
