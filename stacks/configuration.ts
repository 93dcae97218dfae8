import { z } from "zod";
import { readConfiguration } from "../components/index.ts";

/** Everything that a stack of this program may configure. */
const schema = z.strictObject({
  /** A Kubernetes cluster to run on, instead of this machine. */
  kubernetes: z
    .strictObject({
      namespace: z.string(),
      /** Context of the kubeconfig. Default: its current one. */
      context: z.string().optional(),
      /** The framework's image in a registry, by digest. Default: the one that `npm run up` made. */
      image: z.string().optional(),
      /** How callers outside the cluster reach the gateway. Default: not at all. */
      expose: z
        .strictObject({
          host: z.string(),
          gateway: z.strictObject({ name: z.string(), namespace: z.string() }),
        })
        .optional(),
    })
    .optional(),
  /** Port of the gateway. */
  port: z.int().min(1).max(65_535).default(7400),
  /** Port of the utilities server. */
  utilitiesPort: z.int().min(1).max(65_535).default(7401),
  /** Whether there is a caller for people who try the stack out. */
  developer: z.boolean().default(false),
  /** What callers may rely on. */
  objectives: z
    .strictObject({
      availability: z.number().default(0.999),
      p95: z
        .templateLiteral([z.int(), z.enum(["ms", "s", "m", "h"])], {
          error: 'is no duration; write one like "800ms"',
        })
        .default("800ms"),
    })
    .prefault({}),
});

/** The configuration of a stack, typed. */
export type Configuration = z.output<typeof schema>;

/** Reads the stack's configuration; throws one error that names every fault by its full key. */
export const configuration = (project?: string, all?: Record<string, string>): Configuration =>
  readConfiguration(schema, project, all);
