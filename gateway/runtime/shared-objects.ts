import { basename } from "node:path";

/** The dynamic linker's file name with glibc (x86-64, arm64, others) and with musl. */
const LOADER = /^ld(?:-linux|-musl|64|-\d)[\w.-]*\.so/;

/** The shared libraries that this process has loaded, and the dynamic linker that loaded them, by their paths. */
export function sharedObjects(): { loader: string; libraries: string[] } {
  // Without this a report looks up the names of everyone this process is connected to. (The types don't know it yet.)
  Object.assign(process.report, { excludeNetwork: true });
  const report = process.report.getReport() as { sharedObjects?: string[] };
  const paths = (report.sharedObjects ?? []).filter((path) => path.startsWith("/"));
  const loader = paths.find((path) => LOADER.test(basename(path)));
  if (loader === undefined) throw new Error("the dynamic linker of this Node can't be found");
  return { loader, libraries: paths.filter((path) => path !== loader) };
}
