import type { ConsumerModel, UseModel } from "../components/model/consumer.ts";
import { unqualified } from "../gateway/access.ts";
import { isObject, type JsonObject } from "../gateway/protocol/messages.ts";
import type { CatalogueChange, ChangedPart, Verdict } from "./change.ts";
import { misfit } from "./examples.ts";
import type { Kind } from "./kinds.ts";
import { argumentsSchema } from "./parts.ts";

/** A change that is to be judged. */
export interface Judged extends Pick<CatalogueChange, "kind" | "name" | "change" | "parts"> {
  before?: JsonObject;
  after?: JsonObject;
}

type Reason = Omit<Verdict, "consumer">;

/** What a change that a consumer sees means to it. The worst reasons are given. Pure. */
export function verdictFor({ name: consumer, uses }: ConsumerModel, judged: Judged): Verdict {
  const own = uses.filter((use) => covers(use, judged));
  const reasons = [...reasonsFor(own, judged), ...instructing(judged)];
  for (const verdict of ["breaks", "concerns"] as const) {
    const worst = reasons.filter((each) => each.verdict === verdict).map(({ reason }) => reason);
    if (worst.length > 0) return { consumer, verdict, reason: worst.join("; ") };
  }
  return { consumer, verdict: "none", reason: reasons[0]?.reason ?? "what its calls go by is as it was" };
}

const breaks = (reason: string): Reason => ({ verdict: "breaks", reason });
const concerns = (reason: string): Reason => ({ verdict: "concerns", reason });
const none = (reason: string): Reason => ({ verdict: "none", reason });

function reasonsFor(own: readonly UseModel[], judged: Judged): Reason[] {
  if (own.length === 0) return [none("it is not what it uses")];
  const named = own.filter((use) => !isWildcard(use));
  const { change } = judged;
  if (change === "removed")
    return named.length > 0
      ? [breaks("it uses this, and it is gone")]
      : [concerns("it may use all there is, and this is gone")];
  if (change === "added")
    return named.length > 0
      ? [none("it uses this, and has it now")]
      : [concerns("it may use all there is, so it has this from now on")];
  return [...inputReasons(named, judged), ...otherReasons(judged.parts)];
}

/** Whoever narrows what is accepted may break calls; an example call is the evidence that they still fit. */
function inputReasons(named: readonly UseModel[], { kind, before, after, parts }: Judged): Reason[] {
  const examples = named.flatMap((use) => ("arguments" in use && use.arguments ? [use.arguments] : []));
  const was = inputOf(kind, before);
  const is = inputOf(kind, after);
  const results = examples.map((example) => ({
    before: misfit(was, example),
    after: misfit(is, example) === "" ? dropped(was, is, example) : misfit(is, example),
  }));
  const misfits = results.filter((each) => each.after && !each.before).map((each) => each.after);
  if (misfits.length > 0) return misfits.map((why) => breaks(`its example call fits no longer: ${why}`));

  const input = parts.filter(({ part, direction }) => part === "inputSchema" && direction);
  const narrowed = input.filter(({ direction }) => direction !== "looser").map(({ path }) => path);
  if (narrowed.length === 0)
    return input.length > 0 ? [concerns(`it accepts more: ${input.map(({ path }) => path).join(", ")}`)] : [];
  const where = `it accepts less than it did: ${narrowed.join(", ")}`;
  if (named.length === 0) return [concerns(where)];
  const proven = results.some((each) => each.after === "" && each.before === "");
  return [
    proven
      ? concerns(`${where}; its example call still fits`)
      : breaks(`${where}; no example call shows that its calls still fit`),
  ];
}

function otherReasons(parts: readonly ChangedPart[]): Reason[] {
  const paths = (wanted: (part: ChangedPart) => boolean) =>
    parts
      .filter(wanted)
      .map(({ path }) => path)
      .join(", ");
  const texts = paths(({ part }) => part === "description");
  const defaults = paths(({ part, direction }) => part === "inputSchema" && !direction);
  const output = paths(
    ({ part, direction }) => part === "outputSchema" && (direction === "looser" || direction === "both"),
  );
  const others = paths(({ part, path }) => part === "other" && !harmless.has(path ?? ""));
  return [
    ...(texts ? [concerns(`its model reads other texts: ${texts}`)] : []),
    ...(defaults ? [concerns(`it is described otherwise: ${defaults}`)] : []),
    ...parts.filter(({ part }) => part === "annotations").map((hint) => concerns(hintReason(hint))),
    ...(output ? [concerns(`results may be other than they were: ${output}`)] : []),
    ...(others ? [concerns(`more of it is other than it was: ${others}`)] : []),
  ];
}

/** What neither calls nor the model depend on. */
const harmless = new Set(["_meta", "icons", "size"]);

function hintReason({ path = "annotations", before, after }: ChangedPart): string {
  const hint = path.replace(/^annotations\./, "");
  if (hint === "readOnlyHint" && before === true) return "it no longer says that it only reads";
  if (hint === "destructiveHint" && after !== false && before === false)
    return "it no longer says that it destroys nothing";
  return `its server says otherwise what it does (${hint}), and clients ask people accordingly`;
}

function instructing({ parts }: Judged): Reason[] {
  const paths = parts.filter(({ instructs }) => instructs).map(({ path }) => path);
  return paths.length > 0 ? [concerns(`reads like instructions to its model: ${paths.join(", ")}`)] : [];
}

function inputOf(kind: Kind, definition: JsonObject | undefined): unknown {
  return kind === "prompts" ? argumentsSchema(definition?.arguments) : definition?.inputSchema;
}

/** An argument that is no longer declared: most servers accept it, and do nothing with it. */
function dropped(before: unknown, after: unknown, example: Record<string, unknown>): string {
  const declared = (schema: unknown) =>
    isObject(schema) && isObject(schema.properties) ? schema.properties : {};
  const gone = Object.keys(example).filter(
    (name) => Object.hasOwn(declared(before), name) && !Object.hasOwn(declared(after), name),
  );
  return gone.length > 0 ? `there is no ${gone.join(", ")} any more` : "";
}

/** Whether a use is of this, by its name or by a grant that covers it. */
function covers(use: UseModel, { kind, name }: Pick<Judged, "kind" | "name">): boolean {
  if ("resource" in use) {
    if (kind !== "resources" && kind !== "resourceTemplates") return false;
    return use.resource.endsWith("/") ? name.startsWith(use.resource) : name === use.resource;
  }
  const own = unqualified(name);
  const used =
    kind === "tools" && "tool" in use ? use.tool : kind === "prompts" && "prompt" in use && use.prompt;
  return own?.server === use.server && (used === "*" || used === own.name);
}

function isWildcard(use: UseModel): boolean {
  if ("resource" in use) return use.resource.endsWith("/");
  return ("tool" in use ? use.tool : use.prompt) === "*";
}
