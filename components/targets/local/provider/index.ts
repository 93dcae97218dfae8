import { main } from "@pulumi/pulumi/provider/index.js";
import { resetOptions } from "@pulumi/pulumi/runtime/settings.js";
import { localProvider } from "./provider.ts";

const args = process.argv.slice(2);
// The engine starts this as a process of its own, with its address as the argument; warnings go there.
const engine = args.find((argument) => /^[\w.[\]:]+:\d+$/.test(argument));
if (engine !== undefined) resetOptions("", "", -1, engine, "", false, "");
// No top-level await here or below: the language host loads this file with `require`.
void main(localProvider, args);
