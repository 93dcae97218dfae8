import { chmodSync, lstatSync, mkdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname } from "node:path";
import { z } from "zod";
import { Faults, messageOf, PlainError } from "./faults.ts";
import { writePrivateFile } from "./records.ts";
import type { ResourceType } from "./resource-type.ts";
import { isUnknown, type Properties, plain, secret, secretTexts } from "./values.ts";

const fileInputsSchema = z.strictObject({
  /** Absolute path of the file. */
  path: z.string().startsWith("/", "must be an absolute path"),
  /** What is in it. It stands in previews and in the state, unless it is marked secret; then it stays so. */
  content: z.string(),
});

const written = "written";

/** `mcp-infra-local:index:File`: a text file that only its owner may read; one that was edited is put right. */
export const fileResource: ResourceType = {
  async check(_urn, olds, news) {
    const faults = new Faults();
    const { status: _, ...values } = plain(news) as Properties;
    const parsed = fileInputsSchema.safeParse(values);
    if (!parsed.success) faults.addIssues(fileInputsSchema, parsed.error.issues, values);
    if (typeof values.path === "string" && values.path.startsWith("/") && !isUnknown(values.path)) {
      const fault = pathFault(values.path);
      if (fault !== undefined) faults.add("path", fault);
    }
    const before = plain(olds) as Properties;
    const status = before.path === values.path ? statusOf(before) : written;
    return { inputs: { ...news, status }, failures: faults.list };
  },
  async diff(olds, news) {
    const before = plain(olds) as Properties;
    const wanted = plain(news) as Properties;
    const replaces = before.path === wanted.path ? [] : ["path"];
    const changes =
      replaces.length > 0 ||
      before.content !== wanted.content ||
      wanted.status !== written ||
      statusOf(before) !== written;
    return { changes, replaces, deleteBeforeReplace: true };
  },
  async create(_urn, inputs) {
    const { path } = readInputs(inputs);
    return { id: path, outs: write(inputs) };
  },
  async read(id, olds) {
    const before = plain(olds) as Properties;
    if (before.path === undefined)
      throw new PlainError("a file can't be imported; declare it and run `pulumi up`");
    return { id, props: { ...olds, status: statusOf(before) } };
  },
  async update(_urn, _olds, news) {
    return { outs: write(news) };
  },
  async delete(_urn, olds) {
    const { path } = readInputs(olds);
    rmSync(path, { force: true });
    removeIfEmpty(dirname(path));
    removeIfEmpty(dirname(dirname(path)));
  },
};

function readInputs(inputs: Properties): z.infer<typeof fileInputsSchema> {
  const { path, content } = plain(inputs) as Properties;
  return fileInputsSchema.parse({ path, content });
}

function pathFault(path: string): string | undefined {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    if (!stat.isFile()) return `${path} is there and is no file; move it away or choose another path`;
    return stat.uid === userInfo().uid
      ? undefined
      : `${path} belongs to another user (uid ${stat.uid}); choose another path`;
  } catch (error) {
    return `${path} can't be reached (${messageOf(error)}); choose another path`;
  }
}

function statusOf(known: Properties): string {
  const { path, content } = known;
  if (typeof path !== "string") return written;
  try {
    if (readFileSync(path, "utf8") !== content) return "edited since; it is written again";
    return (lstatSync(path).mode & 0o777) === 0o600 ? written : "its mode was changed; it is written again";
  } catch {
    return "gone; it is written again";
  }
}

/** Writes the file; answers with what there is to know of it, in which a secret content stays secret. */
function write(inputs: Properties): Properties {
  const { path, content } = readInputs(inputs);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writePrivateFile(path, content);
  chmodSync(path, 0o600);
  const isSecret = secretTexts(inputs.content).length > 0;
  return { path, content: isSecret ? secret(content) : content, status: written };
}

// Only what looks like ours: private directories, such as those that `write` makes.
function removeIfEmpty(directory: string): void {
  try {
    if ((lstatSync(directory).mode & 0o777) === 0o700) rmdirSync(directory);
  } catch {
    // Not empty, or not there: both are as they should be.
  }
}
