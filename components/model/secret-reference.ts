import { z } from "zod";

/** A secret by the name of its store and its key; never its value. */
export const secretReferenceSchema = z.object(
  {
    store: z.string(),
    key: z.string(),
    /** The server finds the path of a file there, and the secret in the file. */
    file: z.boolean().optional(),
  },
  "is no secret by reference: put the value into a Secrets component, and hand in secrets.ref(…)",
);

/** Why something takes no file. */
export const asItself = "can't be a file, in which nobody would look; hand it in as secrets.ref(…)";

/** A secret that is handed over as itself, such as the URL of a webhook. */
export const plainSecretReferenceSchema = secretReferenceSchema.refine(({ file }) => !file, asItself);

/** A secret's name: its store and its key. */
export type SecretReference = z.output<typeof secretReferenceSchema>;
