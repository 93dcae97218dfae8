import { readdirSync } from "node:fs";
import { execa } from "execa";
import { Refusal } from "../checkout.mjs";

// What would differ from machine to machine: the order of files, times, owners.
const reproducible = [
  "--format=gnu",
  "--sort=name",
  "--mtime=@0",
  "--owner=0",
  "--group=0",
  "--numeric-owner",
  "--hard-dereference",
];

/**
 * Puts the content of a folder into a tar file; the same content gives the same file. Everybody may read all of it, and
 * write to the folders that are named `shared`.
 */
export async function archive(folder: string, file: string, shared: readonly string[] = []): Promise<void> {
  const names = readdirSync(folder).sort();
  const plain = names.filter((name) => !shared.includes(name));
  await tar(["--mode=u=rwX,go=rX", "-cf", file, "-C", folder, ...plain]);
  if (shared.length > 0) await tar(["--mode=1777", "--no-recursion", "-rf", file, "-C", folder, ...shared]);
}

async function tar(args: string[]): Promise<void> {
  const env = { LC_ALL: "C", TAR_OPTIONS: "" };
  const version = await execa("tar", ["--version"], { env, reject: false });
  if (!version.stdout?.includes("GNU tar")) {
    throw new Refusal(
      "An image is packed by GNU tar, and there is none on PATH; or use gateway/Dockerfile with Docker.",
    );
  }
  await execa("tar", [...reproducible, ...args], { env });
}
