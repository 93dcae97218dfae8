import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promtool } from "./promtool.ts";

/** What Prometheus scraped, a minute apart, in promtool's notation: `up{job="edge"}` is `1x60`. */
export type Samples = Record<string, string>;

/** Runs an action in a directory of its own that is gone afterwards. */
export async function inDirectory<Result>(action: (directory: string) => Promise<Result>): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), "mcp-infra-views-"));
  try {
    return await action(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Lets promtool evaluate rules over samples; answers with what it finds different from the expected alerts, which
 * are all that fire at that time, each as `Name` or `Name server`. Empty: exactly these fire.
 */
export function differenceFromFiring(
  rules: string,
  samples: Samples,
  at: string,
  firing: readonly string[],
): Promise<string> {
  const expected = firing.map((alert) => {
    const [name, server] = alert.split(" ");
    return { labels: `{alertname="${name}"${server ? `,server="${server}"` : ""}}`, value: 1 };
  });
  const scenario = {
    rule_files: ["rules.yml"],
    evaluation_interval: "1m",
    tests: [
      {
        interval: "1m",
        input_series: Object.entries(samples).map(([series, values]) => ({ series, values })),
        promql_expr_test: [
          {
            expr: 'max by (alertname, server) (ALERTS{alertstate="firing"})',
            eval_time: at,
            exp_samples: expected,
          },
        ],
      },
    ],
  };
  return runScenario(rules, scenario);
}

/** Runs one promtool unit test file against rules; answers with promtool's complaint, empty when it has none. */
export function runScenario(rules: string, scenario: object): Promise<string> {
  return inDirectory(async (directory) => {
    await writeFile(join(directory, "rules.yml"), rules);
    // JSON is YAML.
    await writeFile(join(directory, "scenario.yml"), JSON.stringify(scenario));
    const { exitCode, output } = await promtool(directory, "test", "rules", "scenario.yml");
    return exitCode === 0 ? "" : output;
  });
}
