import { type handleUnaryCall, Metadata, type StatusObject, type sendUnaryData, status } from "@grpc/grpc-js";
import pluginProto from "@pulumi/pulumi/proto/plugin_pb.js";
import type { IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import statusProto from "@pulumi/pulumi/proto/status_pb.js";
import { Cluster } from "./cluster.ts";
import { remove } from "./deletion.ts";
import { type Change, pathText } from "./diff.ts";
import { engineLog } from "./engine-log.ts";
import { InitFailure, messageOf } from "./faults.ts";
import { type Context, create, read, update } from "./lifecycle.ts";
import { Any, Empty, structOf, values } from "./messages.ts";
import { describeUrn } from "./objects.ts";
import { check, diff } from "./plan.ts";
import { diffSettings, readSettings, type Settings } from "./settings.ts";

/** What the engine may ask. For the rest gRPC answers "unimplemented". */
type Answered = Pick<
  IResourceProviderServer,
  | "getPluginInfo"
  | "getSchema"
  | "attach"
  | "checkConfig"
  | "diffConfig"
  | "configure"
  | "check"
  | "diff"
  | "create"
  | "read"
  | "update"
  | "delete"
  | "cancel"
>;

/** The provider as the engine sees it: translates messages, and leaves the rest to others. */
export function resourceProvider(version: string, engineAddress: string | undefined): Answered {
  const cancellation = new AbortController();
  let log = engineLog(engineAddress);
  let settings: Settings = readSettings(new Map());
  let cluster = new Cluster(settings, cancellation.signal);
  const context = (): Context => ({ cluster, log, deleteUnreachable: settings.deleteUnreachable });

  return {
    getPluginInfo: answer(async () => new pluginProto.PluginInfo().setVersion(version)),
    getSchema: answer(async () =>
      new proto.GetSchemaResponse().setSchema(JSON.stringify({ name: "kubernetes", version })),
    ),
    attach: answer(async (request) => {
      log = engineLog(request.getAddress());
      return new Empty();
    }),

    checkConfig: answer(async (request) => new proto.CheckResponse().setInputs(request.getNews())),
    diffConfig: answer(async (request) => {
      const { diffs, replaces } = await diffSettings(values(request.getOlds()), values(request.getNews()));
      const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges;
      const response = new proto.DiffResponse();
      response.setChanges(diffs.length > 0 ? DIFF_SOME : DIFF_NONE);
      return response.setDiffsList(diffs).setReplacesList(replaces);
    }),
    configure: answer(async (request) => {
      settings = readSettings(new Map(request.getVariablesMap().entries()));
      cluster = new Cluster(settings, cancellation.signal);
      const response = new proto.ConfigureResponse();
      response.setAcceptsecrets(true).setSupportspreview(true);
      return response.setSupportsAutonamingConfiguration(true);
    }),

    check: answer(async (request) => {
      const urn = request.getUrn();
      const autonaming = request.getAutonaming();
      const inputs = await check(cluster, {
        urn,
        olds: values(request.getOlds()),
        news: values(request.getNews()),
        names: {
          urnName: describeUrn(urn).name,
          seed: request.getRandomseed_asU8(),
          proposed: autonaming?.getProposedName(),
          disabled: autonaming?.getMode() === proto.CheckRequest.AutonamingOptions.Mode.DISABLE,
        },
      });
      return new proto.CheckResponse().setInputs(structOf(inputs));
    }),
    diff: answer(async (request) => {
      const plan = diff({
        urn: request.getUrn(),
        olds: values(request.getOlds()),
        oldInputs: values(request.getOldInputs()),
        news: values(request.getNews()),
        mutable: settings.mutable,
      });
      return diffResponse(plan.changes).setDeletebeforereplace(plan.deleteBeforeReplace);
    }),
    create: answer(async (request) => {
      const { id, outputs } = await create(context(), {
        urn: request.getUrn(),
        news: values(request.getProperties()),
        timeout: request.getTimeout(),
        preview: request.getPreview(),
      });
      return new proto.CreateResponse().setId(id).setProperties(structOf(outputs));
    }),
    read: answer(async (request) => {
      const found = await read(context(), {
        urn: request.getUrn(),
        id: request.getId(),
        olds: values(request.getProperties()),
        oldInputs: values(request.getInputs()),
      });
      const response = new proto.ReadResponse();
      if (found === undefined) return response;
      return response
        .setId(found.id)
        .setProperties(structOf(found.outputs))
        .setInputs(structOf(found.inputs));
    }),
    update: answer(async (request) => {
      const outputs = await update(context(), {
        urn: request.getUrn(),
        id: request.getId(),
        olds: values(request.getOlds()),
        news: values(request.getNews()),
        timeout: request.getTimeout(),
        preview: request.getPreview(),
        ignoreChanges: request.getIgnorechangesList(),
      });
      return new proto.UpdateResponse().setProperties(structOf(outputs));
    }),
    delete: answer(async (request) => {
      await remove(context(), {
        urn: request.getUrn(),
        id: request.getId(),
        olds: values(request.getProperties()),
        timeout: request.getTimeout(),
      });
      return new Empty();
    }),

    cancel: answer(async () => {
      cancellation.abort();
      return new Empty();
    }),
  };
}

function diffResponse(changes: readonly Change[]) {
  const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges;
  const kinds = proto.PropertyDiff.Kind;
  const plain = { add: kinds.ADD, delete: kinds.DELETE, update: kinds.UPDATE };
  const replacing = { add: kinds.ADD_REPLACE, delete: kinds.DELETE_REPLACE, update: kinds.UPDATE_REPLACE };
  const response = new proto.DiffResponse();
  response.setChanges(changes.length > 0 ? DIFF_SOME : DIFF_NONE).setHasdetaileddiff(true);
  response.setReplacesList(changes.filter(({ replace }) => replace).map(({ path }) => pathText(path)));
  for (const { path, kind, replace } of changes) {
    const property = new proto.PropertyDiff().setKind((replace ? replacing : plain)[kind]);
    // Compared are inputs; the outputs have the server's own fields beside.
    response.getDetaileddiffMap().set(pathText(path), property.setInputdiff(true));
  }
  return response;
}

/** A unary call whose answer is a promise; what it throws goes to the engine as its message and no stack. */
function answer<Request, Response>(
  handle: (request: Request) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback: sendUnaryData<Response>) => {
    handle(call.request).then(
      (response) => callback(null, response),
      (error: unknown) => callback(failure(error)),
    );
  };
}

/** gRPC's place for an error with something in it; the engine keeps the resource that such an error has. */
function failure(error: unknown): Partial<StatusObject> {
  const details = messageOf(error);
  if (!(error instanceof InitFailure)) return { code: status.UNKNOWN, details };
  const init = new proto.ErrorResourceInitFailed();
  init
    .setId(error.id)
    .setProperties(structOf(error.outputs))
    .setReasonsList([...error.reasons]);
  if (error.inputs) init.setInputs(structOf(error.inputs));
  const packed = new Any();
  packed.pack(init.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const whole = new statusProto.Status();
  whole.setCode(status.UNKNOWN).setMessage(details).setDetailsList([packed]);
  const metadata = new Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(whole.serializeBinary()));
  return { code: status.UNKNOWN, details, metadata };
}
