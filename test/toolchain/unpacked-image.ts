import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** An OCI image layout, unpacked: its documents, and its layers one over the other as a root file system. */
export function unpack(tar: string, into: string) {
  const layout = join(into, "layout");
  const root = join(into, "root");
  for (const folder of [layout, root]) mkdirSync(folder, { recursive: true });
  execFileSync("tar", ["-xf", tar, "-C", layout]);
  const blob = ({ digest }: { digest: string }) => join(layout, "blobs", digest.replace(":", "/"));
  const json = (file: string) => JSON.parse(readFileSync(file, "utf8"));
  const index = json(join(layout, "index.json"));
  const manifest = json(blob(index.manifests[0]));
  for (const layer of manifest.layers) execFileSync("tar", ["-xpf", blob(layer), "-C", root]);
  return { root, index, config: json(blob(manifest.config)) };
}

// What a container runtime does, as far as it matters here.
const script = `set -e
root=$1 folder=$2; shift 2
mount --bind "$root" "$root"
mkdir -p "$root/dev" "$root/proc" "$root/volume"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount --bind "$folder" "$root/volume"
mount -o remount,bind,ro "$root"
exec chroot --userspec=65532:65532 "$root" "$@"`;

/**
 * A command line that runs another in a root file system that is read-only, as user 65532, with a folder at `/volume`
 * that may be written to, as process 1. It takes root, and has the network of the machine.
 */
export function inRoot(root: string, volume: string, command: readonly string[], variables: string[] = []) {
  const env = ["-i", "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/tmp", ...variables];
  const isolated = ["unshare", "--mount", "--pid", "--fork", "env", ...env];
  return [...isolated, "sh", "-c", script, "sh", root, volume, ...command];
}

/** Ends a command of {@link inRoot}, with all that it has started: they end with the first process of their namespace. */
export function endInRoot(pid: number): void {
  for (const child of readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean)) {
    process.kill(Number(child), "SIGKILL");
  }
}
