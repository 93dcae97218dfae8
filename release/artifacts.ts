import type { IntegrationModel, ServerModel } from "../components/model/index.ts";
import { programOf } from "../components/model/server.ts";
import { type PinnedPackage, parsePackage } from "../gateway/packages/npm-package.ts";
import type { Artifact } from "./record.ts";

/** Who is asked about artifacts. */
export interface Sources {
  /** What npm vouches for of a package; `undefined` when it is nowhere. */
  integrity(wanted: PinnedPackage): Promise<string | undefined>;
  /** Whether an image is said to be there no more. */
  isGone(image: string): Promise<boolean>;
}

/** What was started of a stack's servers, by their names; `faults` are of those that can't be named for good. */
export async function artifactsOf(
  { servers }: Pick<IntegrationModel, "servers">,
  sources: Sources,
): Promise<{ artifacts: Record<string, Artifact>; faults: string[] }> {
  const own = servers.filter(({ offered }) => !offered);
  const found = await Promise.all(
    own.map(async (server) => [server.name, await artifactOf(server, sources)] as const),
  );
  return {
    artifacts: Object.fromEntries(
      found.flatMap(([name, each]) => (typeof each === "string" ? [] : [[name, each]])),
    ),
    faults: found.flatMap(([name, each]) => (typeof each === "string" ? [`server ${name} ${each}`] : [])),
  };
}

async function artifactOf(server: ServerModel, sources: Sources): Promise<Artifact | string> {
  const program = programOf(server);
  if (!program) return { remote: server.remote?.url ?? "" };
  if (program.image !== undefined) return imageOf(program.image, sources);
  if (program.package === undefined) return { command: program.command ?? "" };
  const wanted = parsePackage(program.package);
  if (!wanted)
    return `runs ${program.package}, which can be another version tomorrow: name one, as in npm:name@1.2.3`;
  const known = await sources.integrity(wanted);
  return known
    ? { package: program.package, integrity: known }
    : `runs ${program.package}, which neither this machine's cache nor the npm registry has any more`;
}

async function imageOf(image: string, sources: Sources): Promise<Artifact | string> {
  if (!/@sha256:[0-9a-f]{64}$/.test(image))
    return `runs ${image}, which can be another image tomorrow: name it by digest`;
  return (await sources.isGone(image)) ? `runs ${image}, which its registry has no more` : { image };
}

/** An artifact in a word, for people. */
export function describeArtifact(artifact: Artifact | undefined): string {
  if (!artifact) return "nothing";
  if ("package" in artifact) return artifact.package;
  if ("image" in artifact) return artifact.image;
  if ("command" in artifact) return `the command ${artifact.command}`;
  return artifact.remote;
}
