import type { ServerModel } from "../../model/index.ts";

/** A server that names no timeout has its gateway's, which gives up long before its bridge does. */
const bridgeTimeout = 3_600_000;

/** A server as inputs of its local process; secrets come beside it. Pure. */
export function serverInputs(model: ServerModel) {
  const plainEnv = Object.entries(model.env).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return {
    ...(model.stdio && {
      stdio: {
        ...program(model.stdio),
        args: model.stdio.args,
        timeoutMs: model.timeout ?? bridgeTimeout,
        ...(model.stdio.sessionProcesses && { sessionProcesses: model.stdio.sessionProcesses }),
      },
    }),
    ...(model.http && {
      http: {
        ...program(model.http),
        args: model.http.args,
        port: model.http.port,
        path: model.http.path,
      },
    }),
    ...(plainEnv.length > 0 && { env: Object.fromEntries(plainEnv) }),
    ...(model.storage && { storage: true }),
    startTimeoutMs: model.startTimeout,
  };
}

function program({ package: name, bin, command }: NonNullable<ServerModel["stdio"]>) {
  return { ...(name && { package: name }), ...(bin && { bin }), ...(command && { command }) };
}
