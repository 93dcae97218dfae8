import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import {
  ask,
  contactOf,
  defaultOwner,
  judge,
  latestVersion,
  moduleText,
  type Planned,
  planOf,
  programText,
  projectName,
  readServers,
  type Source,
  Unreadable,
  wantedPackages,
} from "../adopt/index.ts";
import { configure } from "./configure.ts";
import { importReport } from "./import-report.ts";
import { placeFor } from "./program-file.ts";
import { projectDirectory, UserError } from "./project.ts";
import { optionsOf } from "./selection.ts";

/** What `import` is told beside the files. */
export interface ImportOptions {
  /** Whose configuration gets the secrets. */
  stack?: string;
  /** Whether servers are started to ask for their tools. */
  ask?: boolean;
}

/** Writes the program that declares the servers which files describe; secrets go into the stack's configuration. */
export async function importServers(files: readonly string[], options: ImportOptions): Promise<void> {
  const project = projectHere();
  const place = placeFor(project);
  const sources = files.map(readSource);
  const planned = planOf(sources, { env: process.env, versions: await versionsOf(sources), resolve });
  const { plan, settings } = planned;
  if (plan.servers.length === 0)
    throw new UserError(
      `No server can be imported:\n${plan.remarks.map(({ server, text }) => `  ${server}: ${text}`).join("\n")}`,
    );
  if (options.ask) await askAll(planned);
  const defaults = { name: projectName(place.project), owner: defaultOwner() };
  const text = place.whole ? programText(plan, settings, defaults) : moduleText(plan, settings, defaults);
  writeFileSync(place.file, text, { flag: "wx" });
  const configured = await configure(settings.all, options.stack);
  const judgement = judge(plan, settings, defaults);
  process.stdout.write(
    importReport({
      plan,
      place: { ...place, file: path.relative(process.cwd(), place.file) },
      configured,
      judgement,
      stack: optionsOf(options),
      asked: options.ask === true,
    }),
  );
}

function projectHere(): string {
  try {
    return projectDirectory();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(
      "There is no Pulumi.yaml here or above, and so nothing to import into. Make a project first: npx mcp-infra init <directory>",
    );
  }
}

/** Directories in which clients keep their files of a workspace. */
const ofClients = new Set([".vscode", ".cursor", ".claude"]);

function readSource(file: string): Source {
  const full = path.resolve(file);
  const directory = path.dirname(full);
  const workspaceFolder = ofClients.has(path.basename(directory)) ? path.dirname(directory) : directory;
  try {
    return {
      name: path.basename(file),
      places: { workspaceFolder, userHome: homedir() },
      file: readServers(readFileSync(full, "utf8"), file),
    };
  } catch (error) {
    if (error instanceof Unreadable) throw new UserError(error.message);
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UserError(`${file} ${code === "ENOENT" ? "does not exist" : `can't be read (${code})`}.`);
  }
}

async function versionsOf(sources: readonly Source[]): Promise<Map<string, string>> {
  const found = await Promise.all(
    wantedPackages(sources).map(async (wanted) => [wanted, await latestVersion(wanted)] as const),
  );
  return new Map(found.flatMap(([wanted, version]) => (version === undefined ? [] : [[wanted, version]])));
}

/** Only what is a file there: `test` may be an argument, and a directory's name as well. */
function resolve(text: string, directory: string): string | undefined {
  if (path.isAbsolute(text) || !/[./]/.test(text)) return undefined;
  const full = path.resolve(directory, text);
  return existsSync(full) ? full : undefined;
}

async function askAll({ plan, settings }: Planned): Promise<void> {
  const secrets = settings.all.flatMap(({ secret, value }) => (secret && value ? [value] : []));
  await Promise.all(
    plan.servers.map(async (server) => {
      const contact = contactOf(server, settings);
      const answer = "failure" in contact ? contact : await ask(contact, secrets);
      if ("tools" in answer) server.tools = answer.tools;
      else
        plan.remarks.push({
          server: server.name,
          text: `could not be asked for its tools: ${answer.failure}`,
        });
    }),
  );
}
