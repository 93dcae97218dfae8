import { secureUrlSchema } from "../../components/model/authorization.ts";
import { isObject, type JsonObject } from "../protocol/messages.ts";

/** Bounds of one question: an issuer that hangs or floods must not hold up or use up the gateway. */
const LIMITS = { timeoutMs: 3000, bytes: 1_048_576 };

/**
 * A JSON object from an issuer: https, or http on this machine; no redirects, since they could lead anywhere.
 *
 * @throws Error that names the URL and what is wrong.
 */
export async function fetchJson(url: string): Promise<JsonObject> {
  if (!secureUrlSchema.safeParse(url).success) throw new Error(`${url} is not https`);
  const signal = AbortSignal.timeout(LIMITS.timeoutMs);
  const response = await fetch(url, { signal, redirect: "manual", headers: { accept: "application/json" } });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`${url} answers HTTP ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > LIMITS.bytes) throw new Error(`${url} answers more than ${LIMITS.bytes} bytes`);
    chunks.push(chunk);
  }
  const json = parsed(Buffer.concat(chunks).toString("utf8"));
  if (!isObject(json)) throw new Error(`${url} answers no JSON object`);
  return json;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
