import { closeCluster, describeCluster } from "../../toolchain/cluster/index.mjs";

/** The cluster that tests start is theirs to end; one that was there before stays. */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (await describeCluster()) return undefined;
  return async () => {
    await closeCluster();
  };
}
