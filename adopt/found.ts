/** One server as a file describes it, whatever the file's format; nothing is judged or resolved yet. */
export interface Found {
  /** Its name there. */
  name: string;
  /** What a client starts, which then speaks stdio. */
  start?: Start;
  /** An image that a cluster runs. */
  image?: FoundImage;
  /** Where it is reached, when it runs elsewhere. */
  remote?: FoundRemote;
  /** Environment variables; values may refer to others, as in `${GITHUB_TOKEN}`. */
  env: Record<string, string>;
  /** Variables and headers that the file itself calls secret. */
  secret: string[];
  /** Directory that relative paths are relative to, where the file says so. */
  cwd?: string;
  /** What the file says and no declaration can, in words. */
  remarks: string[];
}

/** A program with its arguments. */
export interface Start {
  command: string;
  args: string[];
}

/** A container image with how it is talked to. */
export interface FoundImage {
  reference: string;
  /** The command to start in it, where it is not the image's own. */
  command?: string;
  args: string[];
  /** The port that it listens on; absent for stdio. */
  port?: number;
  /** Path of its MCP endpoint. */
  path?: string;
}

/** A server behind a URL. */
export interface FoundRemote {
  url: string;
  headers: Record<string, string>;
}

/** A value that a client asks its user for. */
export interface Input {
  id: string;
  /** Whether it is typed unseen. */
  secret: boolean;
}

/** Everything that one file describes. */
export interface FoundFile {
  /** What kind of file it is, in words. */
  kind: string;
  servers: Found[];
  inputs: Input[];
  /** The cluster's namespace that it names. */
  namespace?: string;
}

/** A file that can't be imported, with the reason and, where there is one, the line. */
export class Unreadable extends Error {}
