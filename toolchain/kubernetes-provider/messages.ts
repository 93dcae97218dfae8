import { createRequire } from "node:module";
import type * as any from "google-protobuf/google/protobuf/any_pb.js";
import type * as empty from "google-protobuf/google/protobuf/empty_pb.js";
import type * as struct from "google-protobuf/google/protobuf/struct_pb.js";
import type { Properties } from "./values.ts";

/**
 * Protobuf's own messages from the copy that the SDK has. Copies share a global registry, in which a second one would
 * put its messages over those that the SDK's parsers look up.
 */
const require = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
const load = <Module>(name: string) => require(`google-protobuf/google/protobuf/${name}_pb.js`) as Module;

export const { Any } = load<typeof any>("any");
export const { Empty } = load<typeof empty>("empty");
const { Struct } = load<typeof struct>("struct");

export function values(message: struct.Struct | undefined): Properties {
  return message?.toJavaScript() ?? {};
}

export function structOf(properties: Properties): struct.Struct {
  return Struct.fromJavaScript(properties as Record<string, struct.JavaScriptValue>);
}
