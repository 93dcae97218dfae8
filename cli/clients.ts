import { type ClientKind, clientConfiguration, clientKinds } from "../components/views/clients.ts";
import { UserError } from "./project.ts";
import { consumerNamed, deployedGateway } from "./stack.ts";

/** Prints ready-to-paste client configuration for a consumer; the token is never in it. */
export async function clients(
  stack: string | undefined,
  consumer: string | undefined,
  options: { client?: string },
): Promise<void> {
  const gateway = await deployedGateway(stack);
  const { model, endpoint } = gateway;
  const name = consumer === undefined ? undefined : consumerNamed(gateway, consumer);
  if (name === undefined)
    throw new UserError(
      `Whose configuration? Name one of the consumers: ${model.consumers.map(({ name }) => name).join(", ")}.`,
    );
  for (const kind of chosen(options.client)) {
    const { file, content, how } = clientConfiguration(kind, {
      name: model.name,
      endpoint,
      consumer: name,
      auth: model.gateway?.auth.mode ?? "tokens",
    });
    process.stdout.write(
      `# ${kind}: ${file}\n${content.trimEnd()}\n${how.trimEnd().replaceAll(/^/gm, "# ")}\n\n`,
    );
  }
}

function chosen(client: string | undefined): readonly ClientKind[] {
  if (client === undefined) return clientKinds;
  const known = clientKinds.filter((kind) => kind === client);
  if (known.length === 0)
    throw new UserError(`There is no client "${client}"; there is ${clientKinds.join(", ")}.`);
  return known;
}
