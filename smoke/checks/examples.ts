import { hasExample, type UseModel } from "../../components/model/consumer.ts";
import { exposedName } from "../../components/model/names.ts";
import type { Caller } from "../callers.ts";
import { NotChecked } from "../deadline.ts";
import { quote } from "../redact.ts";
import { textOf } from "../result-text.ts";
import type { Era, JsonObject } from "../session.ts";
import type { Trial } from "../trial.ts";
import { type Check, failed, type Outcome, passed } from "./check.ts";

/**
 * The example calls of a caller give what is expected of them, and its resources can be read. Each call is
 * made once in each era and never repeated: an example may have effects.
 */
export function exampleChecks(trial: Trial, caller: Caller, era: Era): Check[] {
  return caller.uses
    .filter((use) => hasExample(use) && !isWildcard(use))
    .map((use) => ({
      subject: caller.subject,
      check: `${describe(use)} (${era})`,
      run: () => callExample(trial, caller, era, use),
    }));
}

/** An example needs one thing to call. */
function isWildcard(use: UseModel): boolean {
  return ("tool" in use && use.tool === "*") || ("prompt" in use && use.prompt === "*");
}

function describe(use: UseModel): string {
  if ("tool" in use) return `calls ${exposedName(use.server, use.tool)}`;
  if ("prompt" in use) return `gets ${exposedName(use.server, use.prompt)}`;
  return `reads ${use.resource}`;
}

async function callExample(trial: Trial, caller: Caller, era: Era, use: UseModel): Promise<Outcome> {
  const session = await trial.session(caller, era);
  const { method, params } = await requestFor(trial, caller, era, use);
  const begun = performance.now();
  const result = await session.request(method, params, trial.limitFor(use.server));
  trial.exampleTimes.push(performance.now() - begun);
  return judge(result, use);
}

async function requestFor(trial: Trial, caller: Caller, era: Era, use: UseModel) {
  if ("tool" in use) {
    const params = { name: exposedName(use.server, use.tool), arguments: use.arguments ?? {} };
    return { method: "tools/call", params };
  }
  if ("prompt" in use) {
    const params = { name: exposedName(use.server, use.prompt), arguments: use.arguments ?? {} };
    return { method: "prompts/get", params };
  }
  if (!use.resource.endsWith("/")) return { method: "resources/read", params: { uri: use.resource } };
  // A URI that ends in "/" stands for all below it: the first that is listed there is read.
  const { names: uris } = await trial.list(caller, era, "resources");
  const uri = uris.find((each) => each.startsWith(use.resource));
  if (uri === undefined)
    throw new NotChecked("nothing is listed below this URI, so there is nothing to read");
  return { method: "resources/read", params: { uri } };
}

function judge(result: JsonObject, use: UseModel): Outcome {
  const text = textOf(result);
  // Errors of tools arrive as successful answers.
  if (result.isError === true) return failed(`the tool says that it failed: ${quote(text)}`);
  if (result.resultType !== undefined && result.resultType !== "complete") {
    return failed(`is not complete: the server wants ${quote(String(result.resultType))}`);
  }
  if ("resource" in use && !(Array.isArray(result.contents) && result.contents.length > 0)) {
    return failed("is empty: no contents came");
  }
  const contains = use.expect?.contains;
  if (contains === undefined) return passed("gave a result");
  if (text.includes(contains)) return passed(`gave ${quote(contains, 60)}, as expected`);
  return failed(`${quote(contains, 60)} is not in its result: ${text === "" ? "it is empty" : quote(text)}`);
}
