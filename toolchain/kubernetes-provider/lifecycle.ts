import { apply, applyDry, createDry, ignoring, isForced } from "./apply.ts";
import { checkpoint, driftedInputs, inputsOf, readCheckpoint, withoutTold } from "./checkpoint.ts";
import type { Cluster } from "./cluster.ts";
import type { EngineLog } from "./engine-log.ts";
import { InitFailure, isNotFound, messageOf, NoMatch } from "./faults.ts";
import { takeover } from "./managed-fields.ts";
import { newFieldManager } from "./naming.ts";
import {
  annotation,
  describeUrn,
  identityOf,
  idOf,
  isPatch,
  type KubernetesObject,
  objectOf,
} from "./objects.ts";
import { hasUnknown, type Properties, plain, wrapped } from "./values.ts";
import { awaitReady, faultNow, type Outcome, skipsAwait } from "./waiting.ts";

/** What an operation needs beside its request. */
export interface Context {
  cluster: Cluster;
  log: EngineLog;
  deleteUnreachable: boolean;
}

export async function create(
  { cluster, log }: Context,
  { urn, news, timeout, preview }: { urn: string; news: Properties; timeout: number; preview: boolean },
): Promise<{ id: string; outputs: Properties }> {
  const values = plain(news);
  if (preview && hasUnknown(values)) return { id: "", outputs: news };
  const inputs = objectOf(values);
  const fieldManager = annotation(inputs, "patchFieldManager") || newFieldManager();
  if (preview) {
    const isTriable = !isPatch(urn, inputs) && (await cluster.serves(inputs));
    const created = isTriable ? await createDry(cluster, inputs, fieldManager) : undefined;
    return { id: "", outputs: created ? previewed(inputs, created, { source: news, fieldManager }) : news };
  }
  await cluster.reach();
  const applied = await apply(cluster, inputs, { fieldManager, force: isForced(inputs) }).catch((error) => {
    if (error instanceof NoMatch)
      throw new Error(
        `creation of resource "${urn}" with kind ${inputs.apiVersion}/${inputs.kind} failed because the Kubernetes API server reported that the apiVersion for this resource does not exist. Verify that any required CRDs have been created: ${error.message}`,
      );
    throw new Error(
      `resource "${urn}" was not successfully created by the Kubernetes API server: ${messageOf(error)}`,
    );
  });
  const report = (text: string) => log.status(urn, text);
  const { live, problem } = await awaitReady(cluster, applied, { inputs, timeout, report });
  const created = { id: idOf(live), outputs: checkpoint(inputs, live, { source: news, fieldManager }) };
  if (problem === undefined) return created;
  throw notLive(
    `resource "${urn}" was successfully created, but the Kubernetes API server reported that it failed to fully initialize or become live`,
    created,
    problem,
  );
}

export async function update(
  { cluster, log }: Context,
  request: {
    urn: string;
    id: string;
    olds: Properties;
    news: Properties;
    timeout: number;
    preview: boolean;
    ignoreChanges: readonly string[];
  },
): Promise<Properties> {
  const { urn, id, news, timeout, preview, ignoreChanges } = request;
  const values = plain(news);
  if (preview && hasUnknown(values)) return news;
  const inputs = withoutTold(objectOf(values));
  if (preview && !(await cluster.serves(inputs))) return news;
  await cluster.reach();
  const old = readCheckpoint(request.olds);
  const fieldManager = annotation(inputs, "patchFieldManager") || old.fieldManager || newFieldManager();
  const outputsOf = (live: KubernetesObject) => checkpoint(inputs, live, { source: news, fieldManager });
  // Its name as it is there: a program may have left the name to Pulumi.
  const place = { ...inputs, metadata: { ...inputs.metadata, ...identityOf(id) } };
  try {
    const found = await cluster.get(place);
    const takes = isPatch(urn, inputs) ? undefined : takeover(found, fieldManager);
    const body = ignoring(inputs, found, { ignoreChanges, fieldManager });
    if (preview) {
      const force = isForced(inputs) || takes !== undefined;
      const updated = await applyDry(cluster, body, { fieldManager, force });
      return updated ? previewed(inputs, updated, { source: news, fieldManager }) : news;
    }
    if (takes !== undefined) await cluster.patch(place, takes);
    const applied = await apply(cluster, body, { fieldManager, force: isForced(inputs) });
    const report = (text: string) => log.status(urn, text);
    const { live, problem } = await awaitReady(cluster, applied, { inputs, timeout, report });
    if (problem === undefined) return outputsOf(live);
    throw notLive(
      `the Kubernetes API server reported that "${id}" failed to fully initialize or become live`,
      { id, outputs: outputsOf(live) },
      problem,
    );
  } catch (error) {
    if (error instanceof InitFailure) throw error;
    const live = await cluster.get(place).catch(() => undefined);
    if (live === undefined) throw new Error(`update of resource "${urn}" failed: ${messageOf(error)}`);
    // Into the state as it is, so that the next update tries again.
    throw new InitFailure(
      `the Kubernetes API server reported that "${id}" failed to fully initialize or become live: ${messageOf(error)}`,
      { id, outputs: outputsOf(live) },
    );
  }
}

/** A dry run's object has an empty status, where the real one will be filled. */
function previewed(
  inputs: KubernetesObject,
  { status: _, ...object }: KubernetesObject,
  origin: { source: Properties; fieldManager: string },
): Properties {
  return checkpoint(inputs, objectOf(object), origin);
}

function notLive(
  summary: string,
  resource: { id: string; outputs: Properties },
  { message, reasons }: NonNullable<Outcome["problem"]>,
): InitFailure {
  return new InitFailure([`${summary}: ${message}`, ...reasons].join("\n    "), resource);
}

export async function read(
  { cluster, log, deleteUnreachable }: Context,
  { urn, id, olds, oldInputs }: { urn: string; id: string; olds: Properties; oldInputs: Properties },
): Promise<{ id: string; outputs: Properties; inputs: Properties } | undefined> {
  try {
    await cluster.reach();
  } catch (error) {
    log.warn(urn, messageOf(error));
    if (deleteUnreachable) return undefined;
    throw new Error(
      'failed to read resource state due to unreachable cluster. If the cluster was deleted, you can remove this resource from Pulumi state by rerunning the operation with the PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"',
    );
  }
  const old = readCheckpoint(olds);
  const known = plain(oldInputs);
  const isKnown = known.kind !== undefined;
  const { apiVersion, kind } = isKnown ? objectOf(known) : typeOf(urn, old.live);
  const live = await cluster.get({ apiVersion, kind, metadata: identityOf(id) }).catch((error) => {
    if (isNotFound(error) || error instanceof NoMatch) return undefined;
    throw error;
  });
  if (live === undefined) return undefined;
  const inputs = isKnown ? driftedInputs(objectOf(known), old.live, live) : inputsOf(live);
  const fieldManager = old.fieldManager ?? newFieldManager();
  const found = {
    id,
    outputs: checkpoint(inputs, live, { source: oldInputs, fieldManager }),
    inputs: wrapped(inputs, oldInputs),
  };
  const fault = isKnown && !skipsAwait(inputs) ? await faultNow(cluster, live) : undefined;
  if (fault !== undefined) throw new InitFailure(`"${id}" is not live: ${fault}`, found);
  return found;
}

function typeOf(urn: string, live: Properties): { apiVersion: string; kind: string } {
  return live.kind === undefined ? describeUrn(urn) : objectOf(live);
}
