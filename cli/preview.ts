import {
  catalogueOf,
  commentOf,
  type Deployment,
  previewOf,
  type Review,
  renderReview,
  verdictOf,
} from "../review/index.ts";
import { isCheckout, projectDirectory, pulumi, UserError } from "./project.ts";

/** What `mcp-infra preview` is told. */
export interface PreviewOptions {
  /** Default: the one that is selected in Pulumi. */
  stack?: string[];
  /** Every stack of the project. */
  all?: boolean;
  /** One comment for a pull request, instead of what suits a terminal. */
  markdown?: boolean;
  /** The commit that the lock files are compared with. */
  base?: string;
}

/** Runs the real preview of each stack and prints what a reviewer acts on; exits with 1 when one is refused. */
export async function preview({ stack, all, markdown, base }: PreviewOptions): Promise<void> {
  const reviews: Review[] = [];
  // One after the other: each is a program, an engine and a policy pack.
  for (const name of await stacksOf({ stack, all })) {
    const previewed = await previewOf(name);
    const { consumers } = previewed.model ?? previewed.before ?? { consumers: [] };
    const project = projectDirectory();
    reviews.push({
      preview: previewed,
      catalogue: await catalogueOf({ project, stack: name, base: base ?? baseOfPullRequest() }, consumers),
    });
  }
  process.stdout.write(
    markdown ? commentOf(reviews, deployment()) : `${reviews.map(renderReview).join("\n\n")}\n`,
  );
  if (reviews.some((review) => verdictOf(review).verdict === "refused")) process.exitCode = 1;
}

async function stacksOf({ stack, all }: PreviewOptions): Promise<string[]> {
  if (!all && stack) return stack;
  const stacks = JSON.parse(await pulumi(["stack", "ls", "--json"])) as { name: string; current: boolean }[];
  const chosen = all ? stacks : stacks.filter(({ current }) => current);
  if (chosen.length > 0) return chosen.map(({ name }) => name);
  throw new UserError(
    stacks.length > 0
      ? `No stack is selected; there is ${stacks.map(({ name }) => name).join(", ")}. Choose with --stack, or take --all.`
      : "There is no stack yet: make one with `pulumi stack init` (`npm run up` in a checkout does).",
  );
}

/** In a workflow of GitHub, the branch that the pull request goes to; elsewhere the last commit. */
function baseOfPullRequest(): string {
  const branch = process.env.GITHUB_BASE_REF;
  return branch ? `origin/${branch}` : "HEAD";
}

function deployment(): Deployment {
  return isCheckout()
    ? { up: (stack) => `npm run up -- --stack ${stack}`, down: (stack) => `npm run down -- --stack ${stack}` }
    : { up: (stack) => `pulumi up --stack ${stack}`, down: (stack) => `pulumi destroy --stack ${stack}` };
}
