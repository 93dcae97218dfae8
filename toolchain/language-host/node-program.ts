import { createRequire } from "node:module";
import { join } from "node:path";
import type { ProgramInfo } from "@pulumi/pulumi/proto/language_pb.js";

/** The entry points of Pulumi's SDK that run a user's code. */
export type Runner = "run" | "run-plugin" | "run-policy-pack";

/** The part of a project's `runtime.options` that says how Node is started. */
interface Options {
  nodeargs?: string;
  tsconfig?: string;
  typescript?: boolean;
}

/** What Pulumi knows of a program, read into plain values. */
export function describe(info: ProgramInfo | undefined) {
  const options = (info?.getOptions()?.toJavaScript() ?? {}) as Options;
  return {
    rootDirectory: info?.getRootDirectory() ?? "",
    directory: info?.getProgramDirectory() ?? "",
    entryPoint: info?.getEntryPoint() || ".",
    nodeArguments: options.nodeargs?.split(/\s+/).filter(Boolean) ?? [],
    environment: {
      ...((options.typescript ?? true) && { PULUMI_NODEJS_TYPESCRIPT: "true" }),
      ...(options.tsconfig && { PULUMI_NODEJS_TSCONFIG_PATH: options.tsconfig }),
    },
  };
}

/** The runner of the SDK that the program itself has installed: two copies in one process would not do. */
export function locate(runner: Runner, directory: string): string {
  try {
    return createRequire(join(directory, "package.json")).resolve(`@pulumi/pulumi/cmd/${runner}`);
  } catch {
    throw new Error(
      `Pulumi's Node SDK is not installed for ${directory}. Run \`npm install @pulumi/pulumi\` there.`,
    );
  }
}
