import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { keepSmokeReport } from "../../../smoke/keep.ts";
import type { SmokeReport } from "../../../smoke/report.ts";
import { Declaration } from "../../declaration.ts";
import type { Release } from "../../release.ts";
import type {
  AlertingRequest,
  GatewayRequest,
  Provisioned,
  ServerEndpoint,
  ServerRequest,
  Target,
} from "../target.ts";
import { capabilities } from "./capabilities.ts";
import { gatewayInputs } from "./gateway-inputs.ts";
import { type MonitoringFile, monitoringFiles, unreachable } from "./monitoring.ts";
import { programRevision } from "./program-revision.ts";
import { File, Process, Token } from "./resources.ts";
import { secretInputs } from "./secret-inputs.ts";
import { serverInputs } from "./server-inputs.ts";

/** What {@link local} takes. */
export interface LocalArgs {
  /**
   * Directory for what the stack keeps on this machine: logs, data, process records. Default: `.mcp-infra/<stack>` in
   * the Pulumi project, where the command line looks.
   */
  directory?: string;
  /** What was promoted to the stack, by `readRelease()`. Default: none, what is declared runs. */
  release?: Release | undefined;
}

/**
 * This machine as a target: every server and gateway is a process of its own that outlives `pulumi up`, reached
 * over loopback or a Unix socket. Needs the provider plugin `mcp-infra-local` in Pulumi.yaml. It is no sandbox: servers
 * run as the user who runs Pulumi, with a small environment, and can read that user's files.
 */
export function local(args: LocalArgs = {}): Target {
  return new LocalTarget(path.resolve(args.directory ?? defaultDirectory()), args.release);
}

function defaultDirectory(): string {
  return path.join(pulumi.runtime.getRootDirectory() || process.cwd(), ".mcp-infra", pulumi.getStack());
}

class LocalTarget implements Target {
  readonly kind = "local";
  readonly declaration = new Declaration();
  readonly capabilities = capabilities;
  readonly release: Release | undefined;
  readonly #directory: string;
  readonly #programs = programRevision();

  constructor(directory: string, release: Release | undefined) {
    this.#directory = directory;
    this.release = release;
  }

  server(
    { name, model, secrets }: ServerRequest,
    options: pulumi.CustomResourceOptions,
  ): Provisioned<ServerEndpoint> {
    const process = new Process(
      `${name}-process`,
      {
        ...serverInputs(model),
        ...this.#identity(name),
        // Only the bridge is a program of ours.
        ...(model.stdio && { revision: this.#programs }),
        ...secretInputs(secrets),
      },
      options,
    );
    return {
      endpoint: { url: process.url, ...(model.stdio && { socket: process.socket }) },
      revision: process.instance,
    };
  }

  gateway(
    request: GatewayRequest,
    options: pulumi.CustomResourceOptions,
  ): Provisioned<pulumi.Output<string>> {
    const inputs = gatewayInputs(request, {
      smokeReport: this.#smokeReport(request.name),
      data: path.join(this.#directory, "data", request.name),
    });
    const process = new Process(
      `${request.name}-process`,
      { ...inputs, ...this.#identity(request.name), revision: this.#programs },
      options,
    );
    return { endpoint: process.url, revision: process.instance };
  }

  generateSecret(name: string, options: pulumi.CustomResourceOptions): pulumi.Output<string> {
    return new Token(name, {}, options).value;
  }

  alerting(request: AlertingRequest, options: pulumi.CustomResourceOptions): pulumi.Output<string> {
    const { name, receivers } = request;
    for (const { property, reason } of unreachable(receivers))
      this.declaration.fault(
        `alerting ${name}: ${property}`,
        reason,
        "Give its value here: pulumi config set --secret, and values of the Secrets component.",
      );
    const { prometheus, others } = monitoringFiles(request, path.join(this.#directory, "monitoring"));
    const write = ({ part, path, content, secret }: MonitoringFile, dependsOn?: pulumi.Resource[]) =>
      new File(
        `${name}-${part}`,
        { path, content },
        {
          ...options,
          ...(dependsOn && { dependsOn }),
          ...(secret && { additionalSecretOutputs: ["content"] }),
        },
      );
    return write(
      prometheus,
      others.map((file) => write(file)),
    ).path;
  }

  keepSmokeReport(gateway: string, report: SmokeReport): Promise<void> {
    return keepSmokeReport(this.#smokeReport(gateway), report);
  }

  reach<T>(_gateway: string, endpoint: string, use: (url: string) => Promise<T>): Promise<T> {
    return use(endpoint);
  }

  #smokeReport(gateway: string): string {
    return path.join(this.#directory, "run", gateway, "smoke-report.json");
  }

  #identity(name: string) {
    return { directory: this.#directory, name };
  }
}
