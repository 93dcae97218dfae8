import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { execaSync } from "execa";
import { type Browser, chromium } from "playwright-core";
import { debianEnvironment, unpackedPackages } from "../toolchain/cluster/debian.mjs";

const runs = (command: string) => execaSync(command, ["--version"], { reject: false }).exitCode === 0;

/** A real browser without a window: the machine's Chromium, else Debian's, unpacked into the cache. */
export async function openBrowser(): Promise<Browser> {
  const installed = ["chromium", "chromium-browser", "google-chrome"].find(runs);
  // Processes of root can't have Chromium's sandbox; it shows nothing here but our own pages.
  const args = ["--no-sandbox"];
  if (installed) return chromium.launch({ executablePath: pathOf(installed), args });
  const root = await unpackedPackages("browser", ["chromium", "fonts-dejavu-core"]);
  const { LD_LIBRARY_PATH: libraries } = debianEnvironment(root);
  const fonts = join(root, "fonts.conf");
  writeFileSync(fonts, fontConfiguration(root));
  return chromium.launch({
    executablePath: join(root, "usr/lib/chromium/chromium"),
    args,
    env: {
      ...process.env,
      LD_LIBRARY_PATH: `${libraries}:${libraries}/pulseaudio`,
      FONTCONFIG_FILE: fonts,
    },
  });
}

function pathOf(command: string): string {
  return execaSync("which", [command]).stdout;
}

/** Packages that are only unpacked aren't where their configuration says. */
function fontConfiguration(root: string): string {
  return `<?xml version="1.0"?>
<fontconfig>
  <dir>${root}/usr/share/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${root}/font-cache</cachedir>
</fontconfig>
`;
}
