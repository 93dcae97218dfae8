import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { type ServerWritableStream, status } from "@grpc/grpc-js";
import type { ILanguageRuntimeServer } from "@pulumi/pulumi/proto/language_grpc_pb.js";
import language from "@pulumi/pulumi/proto/language_pb.js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import sdk from "@pulumi/pulumi/version.js";
import { start, stop } from "./children.ts";
import { directDependencies } from "./dependencies.ts";
import { describe, locate } from "./node-program.ts";

/** The SDK's exit code for "the user has been told already, say no more". */
const alreadyReported = 32;

/** What the engine may ask. For the rest, the code generators, gRPC answers "unimplemented". */
type Answered = Pick<
  ILanguageRuntimeServer,
  | "handshake"
  | "getPluginInfo"
  | "getRequiredPackages"
  | "getRequiredPlugins"
  | "runtimeOptionsPrompts"
  | "about"
  | "getProgramDependencies"
  | "run"
  | "runPlugin"
  | "installDependencies"
  | "cancel"
>;

export function languageRuntime(engineAddress: string): Answered {
  const programs = new Set<ChildProcess>();

  return {
    handshake: (_call, answer) => answer(null, new language.LanguageHandshakeResponse()),

    getPluginInfo: (_call, answer) => answer(null, new plugin.PluginInfo().setVersion(sdk.version)),

    // Plugins are found on PATH, in Pulumi.yaml or in Pulumi's cache when a resource asks for them.
    getRequiredPackages: (_call, answer) => answer(null, new language.GetRequiredPackagesResponse()),
    getRequiredPlugins: (_call, answer) => answer(null, new language.GetRequiredPluginsResponse()),
    runtimeOptionsPrompts: (_call, answer) => answer(null, new language.RuntimeOptionsResponse()),

    about: (_call, answer) => {
      const response = new language.AboutResponse();
      response.setExecutable(process.execPath);
      response.setVersion(process.version);
      answer(null, response);
    },

    getProgramDependencies: async (call, answer) => {
      const response = new language.GetProgramDependenciesResponse();
      for (const { name, version } of await directDependencies(describe(call.request.getInfo()).directory)) {
        const dependency = new language.DependencyInfo();
        dependency.setName(name);
        dependency.setVersion(version);
        response.addDependencies(dependency);
      }
      answer(null, response);
    },

    run: async (call, answer) => {
      const response = new language.RunResponse();
      try {
        const child = runProgram(call.request, engineAddress);
        programs.add(child);
        call.on("cancelled", () => stop(child));
        const [code, signal] = await once(child, "close");
        programs.delete(child);
        if (code === alreadyReported) response.setBail(true);
        else if (code !== 0) response.setError(`The program ended with ${signal ?? `exit code ${code}`}.`);
      } catch (error) {
        response.setError(messageOf(error));
      }
      answer(null, response);
    },

    runPlugin: (call) => {
      try {
        const child = runPlugin(call.request);
        forward(child, call, () => new language.RunPluginResponse());
        child.on("close", (code) => {
          const response = new language.RunPluginResponse();
          response.setExitcode(code ?? 1);
          if (!call.cancelled) call.write(response);
          call.end();
        });
      } catch (error) {
        call.emit("error", { code: status.FAILED_PRECONDITION, details: messageOf(error) });
      }
    },

    installDependencies: (call) => {
      const cwd = describe(call.request.getInfo()).directory || call.request.getDirectory();
      const child = start("npm", ["install", "--no-audit", "--no-fund"], {
        cwd,
        stdio: ["ignore", "pipe", "pipe"],
      });
      forward(child, call, () => new language.InstallDependenciesResponse());
      child.on("close", (code) => {
        if (code === 0) call.end();
        else
          call.emit("error", {
            code: status.UNKNOWN,
            details: `\`npm install\` ended with exit code ${code}.`,
          });
      });
    },

    cancel: (call, answer) => {
      programs.forEach(stop);
      answer(null, call.request);
    },
  };
}

function runProgram(request: language.RunRequest, engineAddress: string): ChildProcess {
  const program = describe(request.getInfo());
  const organization = request.getOrganization();
  const flags = {
    monitor: request.getMonitorAddress(),
    engine: engineAddress,
    organization,
    project: request.getProject(),
    "root-directory": program.rootDirectory,
    stack: request.getStack(),
    pwd: program.directory,
    parallel: String(request.getParallel()),
  };
  const args = [
    ...program.nodeArguments,
    locate("run", program.directory),
    ...Object.entries(flags).flatMap(([name, value]) => (value ? [`--${name}`, value] : [])),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    program.entryPoint,
    ...request.getArgsList(),
  ];
  // The SDK knows configuration keys in their old form, `project:config:name`.
  const config = Object.fromEntries(
    request
      .getConfigMap()
      .toArray()
      .map(([key, value]) => [key.replace(":", ":config:"), value]),
  );
  return start(process.execPath, args, {
    cwd: program.directory,
    env: {
      ...process.env,
      ...program.environment,
      PULUMI_CONFIG: JSON.stringify(config),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    },
    stdio: ["ignore", "inherit", "inherit"],
  });
}

/** A policy pack runs in its own directory and gets that as its last argument; for other plugins it is the first. */
function runPlugin(request: language.RunPluginRequest): ChildProcess {
  const { directory, nodeArguments, environment } = describe(request.getInfo());
  const isPolicyPack = request.getKind() === "analyzer";
  const runner = locate(isPolicyPack ? "run-policy-pack" : "run-plugin", directory);
  const args = isPolicyPack ? [...request.getArgsList(), directory] : [directory, ...request.getArgsList()];
  return start(process.execPath, [...nodeArguments, runner, ...args], {
    cwd: isPolicyPack ? directory : request.getPwd(),
    env: { ...Object.fromEntries(request.getEnvList().map(variable)), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Streams what a child prints into a call, and ends the child with the call. */
function forward<
  Request,
  Response extends { setStdout(data: Uint8Array): void; setStderr(data: Uint8Array): void },
>(child: ChildProcess, call: ServerWritableStream<Request, Response>, message: () => Response) {
  const send = (fill: (response: Response) => void) => {
    const response = message();
    fill(response);
    if (!call.cancelled) call.write(response);
  };
  child.stdout?.on("data", (data) => send((response) => response.setStdout(data)));
  child.stderr?.on("data", (data) => send((response) => response.setStderr(data)));
  child.on("error", (error) => call.emit("error", { code: status.UNKNOWN, details: error.message }));
  call.on("cancelled", () => stop(child));
}

/** Splits NAME=VALUE, where the value may have more equals signs. */
function variable(assignment: string): [string, string] {
  const at = assignment.indexOf("=");
  return [assignment.slice(0, at), assignment.slice(at + 1)];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
