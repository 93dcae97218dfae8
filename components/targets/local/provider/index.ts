import { main } from "@pulumi/pulumi/provider/index.js";
import { localProvider } from "./provider.ts";

// The engine starts this file as a process of its own, with its address as the argument. No top-level await:
// the language host loads it with `require`.
void main(localProvider, process.argv.slice(2));
