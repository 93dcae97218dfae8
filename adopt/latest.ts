import { execa } from "execa";

/** The exact version that the npm registry gives for `name` or `name@range` today; `undefined` when it can't be asked. */
export async function latestVersion(wanted: string): Promise<string | undefined> {
  const { stdout, exitCode } = await execa(
    "npm",
    ["view", wanted, "version", "--json", "--fetch-retries=0"],
    {
      // A question of nobody's project: with the .npmrc of a folder, npm could ask one registry and install from another.
      cwd: "/",
      reject: false,
      timeout: 20_000,
      stdin: "ignore",
    },
  );
  // Where a range has no version, npm says nothing, and that all is well.
  if (exitCode !== 0 || stdout.trim() === "") return undefined;
  // Of a range npm gives every version in it, the newest last.
  const versions = [JSON.parse(stdout)].flat();
  return typeof versions.at(-1) === "string" ? versions.at(-1) : undefined;
}
