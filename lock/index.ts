export { type Catalogue, capture } from "./capture.ts";
export { LockError, readLockFile, renderLock } from "./file.ts";
export { type Lock, type LockEntry, lockOf } from "./lock.ts";
export { type Pinned, pinsIn } from "./pins.ts";
