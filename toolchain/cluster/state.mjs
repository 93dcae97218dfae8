// @ts-check
import { homedir } from "node:os";
import { join } from "node:path";

const { XDG_STATE_HOME } = process.env;
const state = join(XDG_STATE_HOME || join(homedir(), ".local", "state"), "mcp-infra");

/** All of our own cluster, there is one a machine; gone when it is stopped. */
export const ownDirectory = join(state, "cluster");
export const ownKubeconfig = join(ownDirectory, "kubeconfig");
export const kindKubeconfig = join(state, "kind-kubeconfig");
