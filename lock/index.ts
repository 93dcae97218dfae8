export { capture } from "./capture.ts";
export {
  type CatalogueChange,
  type ChangedPart,
  compareLocks,
  type Direction,
  type Verdict,
} from "./compare.ts";
export { type Cost, contextCost, describeCost } from "./cost.ts";
export { LockError, readLockFile, renderLock } from "./file.ts";
export type { Catalogue, Kind } from "./kinds.ts";
export { type Lock, type LockEntry, lockOf } from "./lock.ts";
export { type Pinned, pinsIn } from "./pins.ts";
export { markdownOf, renderChanges } from "./render.ts";
