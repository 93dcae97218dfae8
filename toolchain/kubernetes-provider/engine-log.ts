/** Tells a person about a resource: in the row that shows it while it is made, or as a warning that stays. */
export interface EngineLog {
  status(urn: string, text: string): void;
  warn(urn: string, text: string): void;
}

/** The engine's log. It is connected to when there is something to say, which is seldom. */
export function engineLog(address: string | undefined): EngineLog {
  if (address === undefined) return { status: () => undefined, warn: () => undefined };
  let connection: ReturnType<typeof connect> | undefined;
  const send = (urn: string, text: string, ephemeral: boolean) => {
    connection ??= connect(address);
    // That nobody listens any more is no fault of the resource.
    connection.then((log) => log(urn, text, ephemeral)).catch(() => undefined);
  };
  return {
    status: (urn, text) => send(urn, text, true),
    warn: (urn, text) => send(urn, text, false),
  };
}

async function connect(address: string) {
  const [{ credentials }, { default: grpc }, { default: engine }] = await Promise.all([
    import("@grpc/grpc-js"),
    import("@pulumi/pulumi/proto/engine_grpc_pb.js"),
    import("@pulumi/pulumi/proto/engine_pb.js"),
  ]);
  const client = new grpc.EngineClient(address, credentials.createInsecure());
  return (urn: string, text: string, ephemeral: boolean) => {
    const request = new engine.LogRequest();
    request.setUrn(urn);
    request.setMessage(text);
    request.setEphemeral(ephemeral);
    request.setSeverity(ephemeral ? engine.LogSeverity.INFO : engine.LogSeverity.WARNING);
    client.log(request, () => undefined);
  };
}
