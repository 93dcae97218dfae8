// @ts-check
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { get } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lastWords, startTethered, waitFor } from "./processes.mjs";
import { findPrograms } from "./programs.mjs";

/** @typedef {import("./processes.mjs").Program} Program */

/**
 * An API server and its etcd, not yet started.
 * @typedef {{ programs: Program[], url: string, port: number, ready: () => Promise<string> }} Api
 *   `ready` waits for the API and answers the certificate of its authority, in base64.
 */

/**
 * The API alone: what is stored, validated, defaulted and permitted, and nothing that acts on it. Needs no root, and
 * ends with this process at the latest.
 */
export async function openApi() {
  const bin = await findPrograms();
  const directory = await mkdtemp(join(tmpdir(), "mcp-infra-api-"));
  const token = newToken();
  const api = await prepareApi({
    bin,
    directory,
    users: [{ name: "admin", group: "system:masters", token }],
    // Without nodes nobody can reach it from a pod.
    args: ["--endpoint-reconciler-type=none", "--advertise-address=127.0.0.1"],
  });
  const { stop } = startTethered(api.programs, directory);
  try {
    const kubeconfig = join(directory, "kubeconfig");
    writeKubeconfig(kubeconfig, { url: api.url, authority: await api.ready(), token });
    return { kubeconfig, stop };
  } catch (error) {
    const words = await lastWords(directory);
    await stop();
    throw new Error(`The API did not start: ${error instanceof Error ? error.message : error}\n${words}`);
  }
}

/**
 * @param {{
 *   bin: string, directory: string, args: string[],
 *   users: { name: string, group: string, token: string }[],
 * }} options
 * @returns {Promise<Api>}
 */
export async function prepareApi({ bin, directory, args, users }) {
  const [client, peer, port] = await freePorts(3);
  const etcd = `http://127.0.0.1:${client}`;
  const url = `https://127.0.0.1:${port}`;
  const certificates = join(directory, "certificates");
  const tokens = join(directory, "tokens.csv");
  const key = join(directory, "service-accounts.key");
  mkdirSync(certificates, { recursive: true, mode: 0o700 });
  writeFileSync(
    tokens,
    users.map(({ name, group, token }) => `${token},${name},${name},${group}\n`).join(""),
    {
      mode: 0o600,
    },
  );
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(key, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });

  const programs = [
    {
      name: "etcd",
      command: join(bin, "etcd"),
      args: [
        `--data-dir=${join(directory, "etcd")}`,
        `--listen-client-urls=${etcd}`,
        `--advertise-client-urls=${etcd}`,
        `--listen-peer-urls=http://127.0.0.1:${peer}`,
        "--unsafe-no-fsync", // It need not survive a power failure.
        "--log-level=warn",
      ],
    },
    {
      name: "kube-apiserver",
      command: join(bin, "kube-apiserver"),
      args: [
        `--etcd-servers=${etcd}`,
        "--bind-address=127.0.0.1",
        `--secure-port=${port}`,
        `--cert-dir=${certificates}`, // It makes its own.
        `--token-auth-file=${tokens}`,
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        `--service-account-signing-key-file=${key}`,
        `--service-account-key-file=${key}`,
        ...args,
      ],
    },
  ];
  const ready = () =>
    waitFor("The API", 60, async () => {
      // The file holds the server's certificate and, after it, that of the authority that signed it.
      const authority = await readFile(join(certificates, "apiserver.crt"), "utf8");
      const token = users.find(({ group }) => group === "system:masters")?.token ?? "";
      return (await answersOk(`${url}/readyz`, authority, token)) ? btoa(authority) : undefined;
    });
  return { programs, url, port: Number(port), ready };
}

/** @param {string} path @param {{ url: string, authority: string, token: string }} access */
export function writeKubeconfig(path, { url, authority, token }) {
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "mcp-infra",
    contexts: [{ name: "mcp-infra", context: { cluster: "mcp-infra", user: "mcp-infra" } }],
    clusters: [{ name: "mcp-infra", cluster: { server: url, "certificate-authority-data": authority } }],
    users: [{ name: "mcp-infra", user: { token } }],
  };
  writeFileSync(path, `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o600 });
}

export function newToken() {
  return randomBytes(24).toString("base64url");
}

/** Without the Kubernetes client and the environment's proxies: this is asked before either matters. */
function answersOk(/** @type {string} */ url, /** @type {string} */ ca, /** @type {string} */ token) {
  return new Promise((resolve, reject) => {
    const request = get(url, {
      ca,
      agent: false,
      timeout: 5_000,
      headers: { Authorization: `Bearer ${token}` },
    });
    request.on("response", (response) => resolve(response.resume().statusCode === 200));
    request.on("timeout", () => request.destroy(new Error("no answer")));
    request.on("error", reject);
  });
}

/** @returns {Promise<number[]>} different ones, as all are held until the last is known */
async function freePorts(/** @type {number} */ count) {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        /** @type {Promise<number>} */ (
          new Promise((resolve, reject) => {
            server.on("error", reject).listen(0, "127.0.0.1", () => {
              const address = server.address();
              resolve(address && typeof address === "object" ? address.port : 0);
            });
          })
        ),
    ),
  );
  for (const server of servers) server.close();
  return ports;
}
