import type { Text } from "./settings.ts";

/** A server as the program will declare it. */
export interface PlannedServer {
  name: string;
  /** What the program calls it. */
  identifier: string;
  stdio?: PlannedProgram;
  http?: PlannedProgram & { port: number; path?: string };
  remote?: { url: Text; headers?: Record<string, Text> };
  env?: Record<string, Text>;
  /** The tools that it lists; absent when it was not asked. */
  tools?: ListedTool[];
}

/** What is started. */
export interface PlannedProgram {
  package?: string;
  bin?: string;
  image?: string;
  command?: Text;
  args?: Text[];
}

/** A tool of a server that was asked. */
export interface ListedTool {
  name: string;
  /** Whether it can be tried without harm and without knowing more: it only reads, and wants no arguments. */
  safe: boolean;
}

/** What the import has to tell of one server. */
export interface Remark {
  server: string;
  text: string;
}

/** Everything that the program is written from. */
export interface Plan {
  /** Names of the files that were read. */
  sources: string[];
  /** The cluster's namespace, when that is where it runs, and the setting that names the framework's image. */
  cluster?: { namespace: string; image: string };
  servers: PlannedServer[];
  remarks: Remark[];
}
