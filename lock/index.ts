export { capture } from "./capture.ts";
export {
  type CatalogueChange,
  type ChangedPart,
  compareLocks,
  type Direction,
  type Verdict,
} from "./compare.ts";
export { type Cost, contextCost, describeCost } from "./cost.ts";
export { LockError, readLockFile, renderLock, writeLockFile } from "./file.ts";
export type { Catalogue, Kind } from "./kinds.ts";
export { type Lock, type LockEntry, lockOf } from "./lock.ts";
export { markdownOf } from "./markdown.ts";
export { type Pinned, pinsIn } from "./pins.ts";
export { renderChanges } from "./render.ts";
