/** Where things are in the image. The Dockerfile copies the same tree, so that both give the same container. */
export const layout = {
  node: "usr/local/bin/node",
  app: "app",
  program: "app/gateway/main.js",
  /** The package store; the gateway program knows it by this path. */
  packages: "packages",
} as const;

/** No secret and no server runs as root, or as a user that a node may have for something else. */
export const user = { id: 65532, name: "nonroot" } as const;

/** What a container of the image runs as, apart from its arguments. */
export const containerConfig = {
  User: `${user.id}:${user.id}`,
  Env: ["PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/tmp", "NODE_ENV=production"],
  Entrypoint: [`/${layout.node}`, `/${layout.program}`],
  WorkingDir: "/",
};

/** The image's name; its manifest's digest makes it a reference. */
export const imageName = "mcp-infra.local/mcp-infra";
