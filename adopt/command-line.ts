import type { Found, FoundImage, Start } from "./found.ts";

/** What a command line starts: what was found, in place of the tool that fetches it. */
export type Program =
  | { package: { name: string; range?: string; bin?: string }; args: string[] }
  | { image: FoundImage; env: string[]; remarks: string[] }
  | { remote: NonNullable<Found["remote"]>; remarks: string[] }
  | { start: Start; remarks: string[] }
  | { refused: string };

const shells = new Set(["sh", "bash", "zsh", "dash", "fish", "powershell", "pwsh", "cmd"]);
const shellSyntax = /[;&|<>`'"$\\()\n]/;
const npmPackage = /^((?:@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*)(?:@([^/:]+))?$/i;

/** What a client's command line starts. Values may be secrets, so that no reason quotes one. */
export function programIn(given: Start): Program {
  const { command, args } = unwrapped(given);
  const tool = toolOf(command);
  if (/\s/.test(command) && !command.includes("/"))
    return {
      refused: "its command is a line of shell: write the program as command, and each argument into args",
    };
  if (shells.has(tool) && args.some((argument) => /^[-/]\w*c$/i.test(argument)))
    return {
      refused:
        "its command is a script in a shell: write the program as command, and each argument into args",
    };
  const [verb] = args;
  if (tool === "npx" || tool === "bunx" || tool === "pnpx") return fromRunner(args, { command, args });
  if (
    ((tool === "pnpm" || tool === "yarn") && verb === "dlx") ||
    (tool === "npm" && (verb === "exec" || verb === "x"))
  )
    return fromRunner(args.slice(1), { command, args });
  if ((tool === "docker" || tool === "podman") && verb === "run") return fromDocker(args.slice(1));
  if (tool === "uvx" || tool === "pipx") return { start: { command, args }, remarks: [installFirst(tool)] };
  return { start: { command, args }, remarks: [] };
}

const toolOf = (command: string) => (command.split(/[/\\]/).at(-1) ?? "").replace(/\.(?:exe|cmd|bat)$/i, "");

/** On Windows clients need `cmd /c` in front of what is no program but a script; and some write all in one text. */
function unwrapped({ command, args }: Start): Start {
  if (
    toolOf(command).toLowerCase() === "cmd" &&
    /^\/c$/i.test(args[0] ?? "") &&
    args[1] &&
    !shellSyntax.test(args[1])
  )
    return unwrapped({ command: args[1], args: args.slice(2) });
  if (args.length > 0 || shellSyntax.test(command)) return { command, args };
  const [program = "", ...rest] = command.trim().split(/\s+/);
  return { command: program, args: rest };
}

const installFirst = (tool: string) =>
  `${tool} fetches what it runs at each start: install it once (${tool === "uvx" ? "uv tool install" : "pipx install"} name==version), and write its own command instead`;

/** npx and its like: the package is the first thing that is no flag, unless --package names it. */
function fromRunner(args: string[], whole: Start): Program {
  let named: string | undefined;
  let rest = args;
  for (; rest[0]?.startsWith("-"); rest = rest.slice(1)) {
    const [flag = "", value] = rest[0].split(/=(.*)/s);
    if (flag === "--") {
      rest = rest.slice(1);
      break;
    }
    if (flag === "-c" || flag === "--call")
      return {
        refused: "its command is a script in a shell: write the package's own command and its arguments",
      };
    if (flag !== "-p" && flag !== "--package") continue;
    named = value ?? rest[1];
    if (value === undefined) rest = rest.slice(1);
  }
  const [first = "", ...others] = rest;
  const [, name, range] = npmPackage.exec(named ?? first) ?? [];
  if (name === undefined)
    return {
      start: whole,
      remarks: ["starts no package of the npm registry: publish it, or name a command that is installed"],
    };
  if (name === "mcp-remote") return fromMcpRemote(others);
  return { package: { name, ...(range && { range }), ...(named && { bin: first }) }, args: others };
}

/** mcp-remote is a bridge for clients that speak stdio only; the gateway needs none. */
function fromMcpRemote(args: string[]): Program {
  const url = args.find((argument) => /^https?:/.test(argument));
  if (!url) return { refused: "mcp-remote is given no URL" };
  const headers = args.flatMap((argument, index) => {
    const [, name, value] = /^([\w-]+):\s*(.*)$/s.exec(args[index + 1] ?? "") ?? [];
    return argument === "--header" && name && value !== undefined ? [[name, value] as const] : [];
  });
  return {
    remote: { url, headers: Object.fromEntries(headers) },
    remarks:
      headers.length > 0
        ? []
        : ["mcp-remote may have logged its user in by OAuth: then say how the gateway does, in remote.auth"],
  };
}

/** All other options of `docker run` have a value. */
const dockerSwitches =
  /^(?:--(?:detach|disable-content-trust|init|interactive|no-healthcheck|oom-kill-disable|privileged|publish-all|quiet|read-only|rm|sig-proxy|tty|use-api-socket)|-[dPqit]+)$/;
const withoutMeaning = new Set(["--rm", "--interactive", "--init", "--tty", "--name", "--pull", "--quiet"]);

function fromDocker(args: string[]): Program {
  const env: string[] = [];
  const remarks = new Set<string>();
  let command: string | undefined;
  let rest = args;
  while (rest[0]?.startsWith("-")) {
    const [flag = "", inline] = rest[0].startsWith("--") ? rest[0].split(/=(.*)/s) : [rest[0]];
    const isSwitch = dockerSwitches.test(flag);
    const value = isSwitch ? undefined : (inline ?? rest[1]);
    if (flag === "-e" || flag === "--env") env.push(value ?? "");
    else if (flag === "--entrypoint") command = value;
    else if (!withoutMeaning.has(flag) && !/^-[qit]+$/.test(flag))
      remarks.add(`docker's ${flag} is not carried over`);
    rest = rest.slice(isSwitch || inline !== undefined ? 1 : 2);
  }
  const [reference, ...others] = rest;
  if (!reference) return { refused: "docker run is given no image" };
  return { image: { reference, ...(command && { command }), args: others }, env, remarks: [...remarks] };
}
