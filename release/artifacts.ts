import type { IntegrationModel, ServerModel } from "../components/model/index.ts";
import { programOf } from "../components/model/server.ts";
import { type PinnedPackage, parsePackage } from "../gateway/packages/npm-package.ts";
import type { Artifact } from "./record.ts";

/** What a registry or cache vouches for. */
export type Integrity = (wanted: PinnedPackage) => Promise<string | undefined>;

/** What was started of a stack's servers, by their names; `faults` are of those that can't be named for good. */
export async function artifactsOf(
  { servers }: Pick<IntegrationModel, "servers">,
  integrity: Integrity,
): Promise<{ artifacts: Record<string, Artifact>; faults: string[] }> {
  const own = servers.filter(({ offered }) => !offered);
  const found = await Promise.all(
    own.map(async (server) => [server.name, await artifactOf(server, integrity)] as const),
  );
  return {
    artifacts: Object.fromEntries(
      found.flatMap(([name, each]) => (typeof each === "string" ? [] : [[name, each]])),
    ),
    faults: found.flatMap(([name, each]) => (typeof each === "string" ? [`server ${name} ${each}`] : [])),
  };
}

async function artifactOf(server: ServerModel, integrity: Integrity): Promise<Artifact | string> {
  const program = programOf(server);
  if (!program) return { remote: server.remote?.url ?? "" };
  if (program.image !== undefined)
    return /@sha256:[0-9a-f]{64}$/.test(program.image)
      ? { image: program.image }
      : `runs ${program.image}, which can be another image tomorrow: name it by digest`;
  if (program.package === undefined) return { command: program.command ?? "" };
  const wanted = parsePackage(program.package);
  if (!wanted)
    return `runs ${program.package}, which can be another version tomorrow: name one, as in npm:name@1.2.3`;
  const known = await integrity(wanted);
  return known
    ? { package: program.package, integrity: known }
    : `runs ${program.package}, which neither this machine's cache nor the npm registry has any more`;
}

/** An artifact in a word, for people. */
export function describeArtifact(artifact: Artifact | undefined): string {
  if (!artifact) return "nothing";
  if ("package" in artifact) return artifact.package;
  if ("image" in artifact) return artifact.image;
  if ("command" in artifact) return `the command ${artifact.command}`;
  return artifact.remote;
}
