// @ts-check
import { copyFile, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { say } from "./checkout.mjs";
import { goBuild } from "./go-build.mjs";

const tool = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const versionVariable = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";
const withoutGo =
  "Pulumi is not on this machine, and there is no Go to build it with.\n" +
  "Install Pulumi 3.238 or newer (https://www.pulumi.com/docs/install/), or Go 1.25 or newer, and run this again.";

/**
 * Builds the Pulumi CLI from the Go module proxy, for machines that can't reach Pulumi's download site.
 * The result appears under its name only when it is whole, so that builds at the same time do no harm.
 * @param {{ sources: string, version: string, path: string }} build
 */
export async function buildPulumi({ sources, version, path }) {
  say(`There is no Pulumi CLI on PATH. Building ${version} from source, once: this takes 3 to 10 minutes.`);
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  try {
    const flags = ["-trimpath", "-ldflags", `-s -w -X ${versionVariable}=${version}`];
    await goBuild([...flags, "-o", unfinished, tool], { cwd: sources, what: "the Pulumi CLI", withoutGo });
    await copyFile(join(sources, "pulumi-language-nodejs"), join(dirname(path), "pulumi-language-nodejs"));
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
}
