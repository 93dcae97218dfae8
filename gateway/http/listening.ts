import type { Server } from "node:http";

/** Every address of a machine, of both families where it has both. */
export const EVERY_ADDRESS = "::";

/**
 * Listens, and answers when the server does. At {@link EVERY_ADDRESS} a machine without IPv6 is listened on by IPv4:
 * pods of one cluster have addresses of the one family, of another cluster those of the other.
 *
 * @throws the listen error (`EADDRINUSE`, `EACCES`, …).
 */
export function listening(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  const attempt = (at: string) =>
    new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, at, () => {
        server.off("error", reject);
        resolve();
      });
    });
  return attempt(host).catch((error: NodeJS.ErrnoException) => {
    if (host !== EVERY_ADDRESS || !NO_IPV6.has(error.code ?? "")) throw error;
    return attempt("0.0.0.0");
  });
}

const NO_IPV6 = new Set(["EAFNOSUPPORT", "EADDRNOTAVAIL"]);
