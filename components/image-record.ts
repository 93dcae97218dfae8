import { readFileSync } from "node:fs";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

const schema = z.object({ reference: z.string(), packages: z.array(z.string()) });

/** The framework's image as `npm run up` made it. */
export type ImageRecord = z.output<typeof schema>;

/**
 * Reads the record that `npm run up` writes of the image that it made: its reference by digest, and the npm packages in
 * it. A target takes it as it is: `mcp.kubernetes({ image: mcp.readImage(file), … })`.
 *
 * @param file relative to the Pulumi project
 * @throws {pulumi.RunError} when there is no such record, with the command that makes one
 */
export function readImage(file: string): ImageRecord {
  const project = pulumi.runtime.getRootDirectory() || process.cwd();
  try {
    return schema.parse(JSON.parse(readFileSync(path.resolve(project, file), "utf8")));
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw new pulumi.RunError(
      `${file} ${missing ? "does not exist" : "is no record of an image"}: \`npm run up -- --stack NAME\` makes the image and its record; ` +
        "or name an image that is in a registry in the configuration.",
    );
  }
}
