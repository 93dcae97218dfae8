const loopbackHosts = new Set(["localhost", "::1", "[::1]"]);

/** Whether only this machine can reach a host: 127.0.0.0/8, ::1 or `localhost`. */
export function isLoopback(host: string): boolean {
  return loopbackHosts.has(host) || /^127(\.\d{1,3}){3}$/.test(host);
}
