import { Server, ServerCredentials } from "@grpc/grpc-js";
import languageGrpc from "@pulumi/pulumi/proto/language_grpc_pb.js";
import { stopAll } from "./children.ts";
import { languageRuntime } from "./language-runtime.ts";

/**
 * The Node language host: Pulumi's engine starts it, reads its port from the first line of stdout, and asks it
 * over gRPC to run programs, policy packs and provider plugins. The official CLI brings one in Go; that one is not
 * in the module we build the CLI from.
 */
const engineAddress = process.argv.at(-1) ?? "";

const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
server.addService(languageGrpc.LanguageRuntimeService, languageRuntime(engineAddress));
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${port}\n`);
});

async function stop() {
  await stopAll();
  process.exit();
}

process.on("SIGINT", stop).on("SIGTERM", stop).on("SIGHUP", stop);

// An engine that was killed says no goodbye; then nobody else would end the programs it asked for.
const engine = process.ppid;
setInterval(() => process.ppid === engine || stop(), 1_000).unref();
