import { writeFileSync } from "node:fs";
import path from "node:path";
import { type Catalogue, capture, lockOf, renderLock } from "../lock/index.ts";
import { RequestFailure } from "../smoke/failure.ts";
import { tokensOf } from "./access.ts";
import { projectDirectory, UserError } from "./project.ts";
import type { Selection } from "./selection.ts";
import { type DeployedGateway, deployedGateway } from "./stack.ts";

/** Writes down what each consumer of a live stack sees, in a file for version control. */
export async function lock(selection: Selection, { file }: { file?: string }): Promise<void> {
  const gateway = await deployedGateway(selection);
  const { stack } = gateway;
  const name = gateway.model.gateway?.name ?? "";
  const catalogues = await gateway.reach((url) => captured(gateway, new URL(url)));
  const written = lockOf({ stack, gateway: name }, catalogues);
  const target = path.resolve(file ?? path.join(projectDirectory(), `mcp-infra.${stack}.lock.yaml`));
  writeFileSync(target, renderLock(written));
  const count = (kind: "tools" | "prompts" | "resources" | "resourceTemplates") =>
    Object.keys(written[kind]).length;
  process.stdout.write(
    `${path.relative(process.cwd(), target)}: ${count("tools")} tools, ${count("prompts")} prompts, ${count("resources") + count("resourceTemplates")} resources, as ${Object.keys(catalogues).join(", ")} see them\n`,
  );
}

async function captured(gateway: DeployedGateway, endpoint: URL): Promise<Record<string, Catalogue>> {
  const tokens = await tokensOf(gateway);
  const found: Record<string, Catalogue> = {};
  for (const { name } of gateway.model.consumers) {
    try {
      found[name] = await capture(endpoint, tokens[name]);
    } catch (error) {
      if (!(error instanceof RequestFailure)) throw error;
      throw new UserError(`What ${name} sees can't be had: the gateway ${error.message}.`);
    }
  }
  return found;
}
