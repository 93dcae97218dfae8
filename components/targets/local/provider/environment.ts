import { accessSync, constants, statSync } from "node:fs";
import { delimiter, dirname, isAbsolute, join } from "node:path";

// What programs commonly need to find their way about. Nothing here may hold a secret: Pulumi's passphrase and
// cloud credentials stand in the same environment and stay there.
const inherited =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_[A-Z]+|TZ|TMPDIR|TEMP|TMP|XDG_[A-Z_]+|SSL_CERT_FILE|SSL_CERT_DIR|NODE_EXTRA_CA_CERTS)$/;
const proxies = /^(https?_proxy|no_proxy|all_proxy)$/i;

/** The environment that every process starts with, before its own variables. */
export function minimalEnvironment(parent: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(parent)) {
    if (value === undefined) continue;
    // A proxy's address may carry a password; then it has to be declared as a secret variable.
    if (inherited.test(name) || (proxies.test(name) && !value.includes("@"))) kept[name] = value;
  }
  // Servers written for Node find the very Node that runs this.
  kept.PATH = [dirname(process.execPath), kept.PATH].filter(Boolean).join(delimiter);
  return kept;
}

/** Where a command is: an absolute path, or found on PATH; `undefined` when it can't be started. */
export function findCommand(command: string): string | undefined {
  if (command.includes("/")) return isAbsolute(command) && isExecutable(command) ? command : undefined;
  const folders = (minimalEnvironment().PATH ?? "").split(delimiter).filter(isAbsolute);
  return folders.map((folder) => join(folder, command)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
