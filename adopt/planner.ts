import { parsePackage } from "../gateway/packages/npm-package.ts";
import { holdsSecret, sortArguments } from "./arguments.ts";
import { type Program, programIn } from "./command-line.ts";
import { sse } from "./formats/client.ts";
import type { Found, FoundFile, FoundImage, FoundRemote } from "./found.ts";
import { camelCase, properName, takenIdentifiers, untaken } from "./names.ts";
import type { Plan, PlannedProgram, PlannedServer } from "./plan.ts";
import { type Part, type Places, partsOf } from "./references.ts";
import { withoutCredentials } from "./remote.ts";
import { Settings, type Text } from "./settings.ts";

/** One file as it was read, and where it lies. */
export interface Source {
  /** Its name for people. */
  name: string;
  /** What `${workspaceFolder}` and relative paths in it mean. */
  places: Places;
  file: FoundFile;
}

/** What is known of the machine and the registry; looked up before, so that planning asks nobody. */
export interface Knowledge {
  env: Readonly<Record<string, string | undefined>>;
  /** Exact versions of npm packages, by what was asked for; see {@link wantedPackages}. */
  versions: ReadonlyMap<string, string>;
  /** The absolute path of what a relative one names, where there is such a file. */
  resolve(path: string, directory: string): string | undefined;
}

/** The plan with the settings that it refers to. */
export interface Planned {
  plan: Plan;
  settings: Settings;
}

/** The npm packages that are started without an exact version: `name`, `name@next`. */
export function wantedPackages(sources: readonly Source[]): string[] {
  const programs = sources.flatMap(({ file }) =>
    file.servers.flatMap(({ start }) => (start ? [programIn(start)] : [])),
  );
  return [
    ...new Set(
      programs.flatMap((program) => ("package" in program ? (unpinned(program.package) ?? []) : [])),
    ),
  ];
}

function unpinned({ name, range }: { name: string; range?: string }): string | undefined {
  if (range === undefined) return name;
  return parsePackage(`npm:${name}@${range}`) ? undefined : `${name}@${range}`;
}

/** Says how every server that was found is to be declared, and what has to be told of it. */
export function planOf(sources: readonly Source[], knowledge: Knowledge): Planned {
  const settings = new Settings(knowledge.env);
  const plan: Plan = { sources: sources.map(({ name }) => name), servers: [], remarks: [] };
  for (const source of sources)
    for (const server of source.file.servers) {
      const names = nameOf(server, plan);
      const tell = (text: string) => {
        if (!plan.remarks.some((each) => each.server === names.name && each.text === text))
          plan.remarks.push({ server: names.name, text });
      };
      if (names.name !== server.name)
        tell(
          `is called "${server.name}" in ${source.name}; names here have lower-case letters, digits and hyphens, and each is another`,
        );
      for (const remark of server.remarks) tell(remark);
      const planned = new ServerPlanner(names.name, source, settings, knowledge, tell).plan(server);
      if (planned) plan.servers.push({ ...names, ...planned });
    }
  const started = plan.servers.flatMap(({ stdio, http }) => stdio ?? http ?? []);
  // A program that is all images can't run here at all; one that has a few of them says so where they stand.
  if (started.length > 0 && started.every(({ image }) => image))
    plan.cluster = {
      namespace: sources.find(({ file }) => file.namespace)?.file.namespace ?? "mcp",
      image: settings.open("image", "mcp-infra's own image by digest, in which gateway and bridges run"),
    };
  return { plan, settings };
}

function nameOf({ name }: Found, { servers, remarks }: Plan): { name: string; identifier: string } {
  // Those that were left out keep theirs: what is told of them has to be told apart.
  const names = new Set([
    "agent",
    "edge",
    ...servers.map((each) => each.name),
    ...remarks.map((each) => each.server),
  ]);
  const unique = untaken(properName(name, "server"), names, "-");
  const identifiers = new Set([...takenIdentifiers, ...servers.map(({ identifier }) => identifier)]);
  const wanted = camelCase(unique);
  return {
    name: unique,
    identifier: identifiers.has(wanted) ? untaken(`${wanted}Server`, identifiers) : wanted,
  };
}

type HowItIsReached = Omit<PlannedServer, "name" | "identifier">;

/** Plans one server. */
class ServerPlanner {
  readonly #name: string;
  readonly #source: Source;
  readonly #settings: Settings;
  readonly #knowledge: Knowledge;
  readonly #tell: (remark: string) => void;

  constructor(
    name: string,
    source: Source,
    settings: Settings,
    knowledge: Knowledge,
    tell: (remark: string) => void,
  ) {
    this.#name = name;
    this.#source = source;
    this.#settings = settings;
    this.#knowledge = knowledge;
    this.#tell = tell;
  }

  /** How the server is to be declared; `undefined` when it can't be, which is told. */
  plan(found: Found): HowItIsReached | undefined {
    if (found.remote) return this.#remote(found.remote, found);
    if (found.image) return this.#image(found.image, found);
    const program = programIn(found.start ?? { command: "", args: [] });
    if ("refused" in program) return this.#leftOut(program.refused);
    if ("package" in program) return this.#package(program, found);
    for (const remark of program.remarks) this.#tell(remark);
    if ("remote" in program) return this.#remote(program.remote, found);
    if ("image" in program)
      return this.#image(program.image, { ...found, env: passed(program.env, found.env) });
    const { command } = program.start;
    return this.#started(
      { command: this.#settings.plain(this.#parts(this.#path(command, found.cwd))) },
      program.start.args,
      found,
    );
  }

  #leftOut(reason: string): undefined {
    this.#tell(`is left out: ${reason}`);
  }

  #package(program: Extract<Program, { package: unknown }>, found: Found): HowItIsReached {
    const { name, range, bin } = program.package;
    const asked = unpinned(program.package);
    const version = asked === undefined ? range : this.#knowledge.versions.get(asked);
    if (asked !== undefined)
      this.#tell(
        version
          ? `${asked} is pinned to ${version}, which the registry gives for it today`
          : `${asked} names no exact version, and the registry could not be asked: npm view ${asked} version`,
      );
    const wanted = { package: `npm:${name}${version ? `@${version}` : ""}`, ...(bin && { bin }) };
    return this.#started(wanted, program.args, found);
  }

  #image({ reference, command, args, port, path }: FoundImage, found: Found): HowItIsReached {
    const pinned = /@sha256:[0-9a-f]{64}$/.test(reference);
    if (!pinned) this.#tell(`its image has no digest: docker buildx imagetools inspect ${reference}`);
    if (port === undefined && command === undefined)
      this.#tell(
        `stdio.command has to name what its image starts: docker inspect --format "{{.Config.Entrypoint}}" ${reference}`,
      );
    const { stdio, env } = this.#started({ image: reference, ...(command && { command }) }, args, found);
    if (port === undefined) return { stdio, env };
    return { http: { ...stdio, port, ...(path && path !== "/mcp" && { path }) }, env };
  }

  #started(program: PlannedProgram, given: string[], found: Found): HowItIsReached {
    const { args, secrets } = sortArguments(given, (text) => this.#refersToSecret(text));
    const environment = this.#environment(found);
    for (const { variable, value, argument } of secrets) {
      const name = untaken(variable, new Set(Object.keys(environment)), "_");
      environment[name] = this.#secret(name, value);
      this.#tell(
        `${argument} was a secret, which everybody on the machine can read there: it is now the variable ${name}; look up which one the server reads`,
      );
    }
    const planned = args.map((argument) =>
      this.#settings.plain(this.#parts(this.#path(argument, found.cwd))),
    );
    return {
      stdio: { ...program, ...(planned.length > 0 && { args: planned }) },
      ...(Object.keys(environment).length > 0 && { env: environment }),
    };
  }

  #remote(found: FoundRemote, { env, secret }: Found): HowItIsReached | undefined {
    const clean = withoutCredentials(found, (text) => this.#refersToSecret(text));
    if (!clean)
      return this.#leftOut(
        "its URL is none, or carries a credential: give it by a header, in remote.headers",
      );
    for (const [parameter, value] of Object.entries(clean.parameters)) {
      const text = this.#secret(parameter, value);
      this.#tell(
        `its URL carried the credential ${parameter}, which is now the secret "${typeof text === "object" && "secret" in text ? text.secret : ""}": look up which header takes it, and add it to remote.headers`,
      );
    }
    if (Object.keys(env).length > 0) this.#tell(`env: not carried over, since it runs elsewhere`);
    const { url, headers } = clean.remote;
    if (/\/sse\/?$/.test(url)) this.#tell(sse);
    const planned = Object.entries(headers).map(([name, value]) => [name, this.#value(name, value, secret)]);
    return {
      remote: {
        url: this.#settings.plain(this.#parts(url)),
        ...(planned.length > 0 && { headers: Object.fromEntries(planned) }),
      },
    };
  }

  #environment({ env, secret }: Found): Record<string, Text> {
    const possible = Object.entries(env).filter(([name]) => {
      const isName = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
      if (!isName) this.#tell(`env: a name in it is none of an environment variable, and not carried over`);
      return isName;
    });
    return Object.fromEntries(possible.map(([name, value]) => [name, this.#value(name, value, secret)]));
  }

  /** A variable or header: a secret by its name, by its value, by what the file says, or since it refers to one. */
  #value(name: string, value: string, secret: readonly string[]): Text {
    const parts = this.#parts(value);
    const isPlain = parts.every((part) => typeof part === "string");
    if (isPlain && !secret.includes(name) && !holdsSecret(name, parts.join(""))) return parts.join("");
    return this.#secret(name, value);
  }

  #secret(name: string, value: string): Text {
    return this.#settings.secret(
      name,
      this.#name,
      this.#parts(value),
      `${name} of ${this.#name} in ${this.#source.name}`,
    );
  }

  #parts(text: string): Part[] {
    return partsOf(text, this.#source.places);
  }

  #refersToSecret(text: string): boolean {
    return this.#parts(text).some((part) => {
      if (typeof part === "string") return false;
      const asked = this.#source.file.inputs.find(({ id }) => part.input && id === part.name);
      return asked?.secret || holdsSecret(part.name, "anything");
    });
  }

  /** Servers here have no working directory of the client's: what is relative to it is written out. */
  #path(text: string, cwd = this.#source.places.workspaceFolder): string {
    return this.#knowledge.resolve(text, cwd) ?? text;
  }
}

/** The variables that docker hands on: `-e NAME` from outside, `-e NAME=value` as it is. */
function passed(given: readonly string[], env: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    given.map((each) => {
      const [name = "", value] = each.split(/=(.*)/s);
      return [name, value ?? env[name] ?? `\${${name}}`];
    }),
  );
}
