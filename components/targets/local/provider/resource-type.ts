import type {
  CheckResult,
  CreateResult,
  DiffResult,
  ReadResult,
  UpdateResult,
} from "@pulumi/pulumi/provider/index.js";
import type { Properties } from "./values.ts";

/**
 * What the plugin does for one type of resource. Properties come and go as the engine sends them, with the
 * wrappers of secrets and unknowns; `urn` names the resource.
 */
export interface ResourceType {
  /** Finds every fault of the inputs and gives them back with defaults. `olds` are the inputs of the last `up`. */
  check(urn: string, olds: Properties, news: Properties): Promise<CheckResult>;
  /** Compares what was (outputs of the last `up`) with what should be, and both with what really is. */
  diff(olds: Properties, news: Properties): Promise<DiffResult>;
  create(urn: string, inputs: Properties): Promise<CreateResult>;
  /** What really is, for `pulumi refresh`. */
  read(id: string, olds: Properties): Promise<ReadResult>;
  update(urn: string, olds: Properties, news: Properties): Promise<UpdateResult>;
  delete(urn: string, olds: Properties): Promise<void>;
}
