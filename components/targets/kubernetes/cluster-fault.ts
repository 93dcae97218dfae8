import { quote } from "../../../smoke/redact.ts";
import { faultCode } from "../../../smoke/traffic.ts";

/** Why a cluster gave no answer, or refused one. */
export interface ClusterFault {
  /** HTTP status, where an answer came. */
  status?: number;
  /** What is wrong, to stand behind the cluster's address. */
  reason: string;
  /** What to do. */
  remediation: string;
}

/** What came of asking a cluster: an answer, or why there is none. */
export type Answer<T> = { value: T } | { fault: ClusterFault };

/** Waits for an answer; never rejects. */
export async function answerOf<T>(asked: Promise<T>): Promise<Answer<T>> {
  try {
    return { value: await asked };
  } catch (error) {
    return { fault: clusterFault(error) };
  }
}

/** The value of an answer, where there is one. */
export function known<T>(answer: Answer<T> | undefined): T | undefined {
  return answer && "value" in answer ? answer.value : undefined;
}

/** Whether the cluster said that there is no such thing; a right that is missing is no such answer. */
export function isMissing(answer: Answer<unknown> | undefined): boolean {
  return answer !== undefined && "fault" in answer && answer.fault.status === 404;
}

/** What an error of the Kubernetes client means. Never a credential: foreign text is redacted. */
export function clusterFault(error: unknown): ClusterFault {
  const { code: status, body } = error as { code?: unknown; body?: unknown };
  if (typeof status === "number" && status >= 100 && error instanceof Error && "headers" in error)
    return refusal(status, body);
  if (error instanceof Error && error.name === "TimeoutError")
    return { reason: "gives no answer in time", remediation: route };
  const plugin = pluginFault(error);
  return plugin ?? networkFault(faultCode(error), error);
}

const route =
  "See that the address is right and that the way there is open: VPN, proxy (`proxy-url` in the kubeconfig), firewall.";
const anew = "Fetch the kubeconfig anew from where your cluster is.";
const logIn = "Log in to the cluster anew, or fetch a new kubeconfig.";

const faults: Record<string, [reason: string, remediation: string]> = {
  ECONNREFUSED: [
    "refuses connections: nothing listens there",
    "Start the cluster, or choose another context.",
  ],
  ECONNRESET: ["closes the connection without an answer", route],
  UND_ERR_SOCKET: ["closes the connection without an answer", route],
  UND_ERR_CONNECT_TIMEOUT: ["does not accept a connection in time", route],
  ETIMEDOUT: ["does not accept a connection in time", route],
  EHOSTUNREACH: ["can't be reached: there is no route to its host", route],
  ENETUNREACH: ["can't be reached: there is no route to its network", route],
  ENOTFOUND: ["has a host name that is not known here", route],
  EAI_AGAIN: ["has a host name that can't be looked up right now", route],
  CERT_HAS_EXPIRED: ["has a TLS certificate that has expired", "Renew the cluster's certificate."],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    "has a TLS certificate for another host name",
    "Use the name that the certificate is for, or set `tls-server-name` in the kubeconfig.",
  ],
  HPE_INVALID: [
    "does not speak HTTP; perhaps it speaks TLS",
    "Write the server's address in the kubeconfig with https://.",
  ],
};

function networkFault(code: string, error: unknown): ClusterFault {
  const known = faults[code];
  if (known) return { reason: known[0], remediation: known[1] };
  if (/CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/.test(code))
    return {
      reason: `has a TLS certificate that the kubeconfig's authority did not sign (${code})`,
      remediation: anew,
    };
  if (/^(ERR_SSL|EPROTO|ERR_TLS|ERR_OSSL)/.test(code))
    return { reason: `does not agree on TLS (${code})`, remediation: anew };
  if (code === "ENOENT" && error instanceof Error && "path" in error)
    return {
      reason: `can't be asked: the kubeconfig names a file that is not there: ${error.path}`,
      remediation: anew,
    };
  const last = innermost(error);
  if (last === "bad port")
    return {
      reason:
        "has a port that HTTP clients refuse to connect to, since it is known for another protocol (bad port)",
      remediation: "Let the API server, or the tunnel to it, listen on another port, such as 6443.",
    };
  const said = code || quote(innermost(error)) || "no further reason";
  return { reason: `can't be reached (${said})`, remediation: route };
}

/** What the last of an error's causes says: the first of a failed `fetch` says no more than that it failed. */
function innermost(error: unknown): string {
  if (!(error instanceof Error)) return "";
  return innermost(error.cause) || error.message;
}

/** Credential plugins are programs that the kubeconfig names, such as `aws` or `gke-gcloud-auth-plugin`. */
function pluginFault(error: unknown): ClusterFault | undefined {
  if (!(error instanceof Error) || error.cause !== undefined) return undefined;
  if ("syscall" in error && String(error.syscall).startsWith("spawn"))
    return {
      reason: `can't be asked: its credential plugin ${String((error as { path?: string }).path)} is not installed`,
      remediation: "Install it and see that it is on PATH, or use a kubeconfig with a token.",
    };
  // A plugin that fails is reported by the client as an error with what it printed, and nothing else.
  if (error.name === "Error" && !("code" in error) && error.message.trim() !== "")
    return {
      reason: `can't be asked: no credentials, since the client says ${quote(error.message)}`,
      remediation: logIn,
    };
  return undefined;
}

function refusal(status: number, body: unknown): ClusterFault {
  const said = messageOf(body);
  if (status === 401)
    return {
      status,
      reason: "does not accept the credentials: they are wrong or have expired (HTTP 401)",
      remediation: logIn,
    };
  return {
    status,
    reason: said ? `says ${quote(said, 300)} (HTTP ${status})` : `answers HTTP ${status}`,
    remediation: status === 403 ? "Ask for the right, or use other credentials." : "See the cluster's state.",
  };
}

/** The message of a Kubernetes `Status`, which the client hands on as an object or as text. */
function messageOf(body: unknown): string | undefined {
  try {
    const status = typeof body === "string" ? (JSON.parse(body) as unknown) : body;
    const { message } = (status ?? {}) as { message?: unknown };
    return typeof message === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}
