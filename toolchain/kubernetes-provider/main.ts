import { createRequire } from "node:module";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import providerGrpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { resourceProvider } from "./service.ts";

/**
 * A stand-in for `pulumi-resource-kubernetes` where the official one can't be had: see find.mjs. Pulumi's engine
 * starts it, reads its port from the first line of stdout, and asks it over gRPC.
 */
const engineAddress = process.argv.slice(2).find((argument) => /^[\w.[\]:-]+:\d+$/.test(argument));
// The engine compares it with what the program's SDK asks for.
const { version } = createRequire(import.meta.url)("@pulumi/kubernetes/package.json") as { version: string };

const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
server.addService(providerGrpc.ResourceProviderService, { ...resourceProvider(version, engineAddress) });
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${port}\n`);
});

// An engine that was killed says no goodbye.
const engine = process.ppid;
setInterval(() => process.ppid === engine || process.exit(), 1_000).unref();
