import { lockOf } from "../lock/index.ts";
import { artifactsOf } from "../release/artifacts.ts";
import { isImageGone } from "../release/image.ts";
import { integrityOf } from "../release/integrity.ts";
import type { LiveStack } from "../release/live.ts";
import { captured } from "./lock.ts";
import { smokeOf } from "./smoke.ts";
import type { DeployedGateway } from "./stack.ts";

/** A stack as it is just now, its smoke test run afresh. */
export async function liveStack(gateway: DeployedGateway): Promise<LiveStack> {
  const { stack, model } = gateway;
  const of = { stack, gateway: model.gateway?.name ?? "" };
  const made = await artifactsOf(model, { integrity: integrityOf, isGone: isImageGone });
  const smoke = await smokeOf(gateway);
  // A stack that is red may not even answer who asks what it has.
  const catalogues = smoke.passed ? await gateway.reach((url) => captured(gateway, new URL(url))) : {};
  return { ...of, ...made, smoke, lock: lockOf(of, catalogues) };
}
