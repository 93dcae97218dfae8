import { execa } from "execa";
import type { Refusal } from "./refusal.ts";

/** The commit that a project's program is of, or why there is none to name. What releases are written to may differ. */
export async function commitOf(project: string): Promise<{ commit: string } | { refusal: Refusal }> {
  const git = (...args: string[]) => execa("git", args, { cwd: project, reject: false });
  const head = await git("rev-parse", "HEAD");
  if (head.exitCode !== 0)
    return {
      refusal: {
        reason: "the program has no commit",
        remedy:
          "Put the project under version control with git: a release names the commit that it was made from.",
      },
    };
  const status = await git("status", "--porcelain", "--", ":/", ":(exclude)releases");
  if (status.exitCode !== 0 || status.stdout !== "")
    return {
      refusal: {
        reason: `the working tree is not the commit: ${status.stdout.split("\n").slice(0, 5).join(", ").trim()}`,
        remedy: "Commit it: a release names the commit that it was made from.",
      },
    };
  return { commit: head.stdout };
}
