// @ts-check
import { cp, glob } from "node:fs/promises";
import { join } from "node:path";
import { checkout } from "./checkout.mjs";

// What a build needs beside the compiled programs: the files by which Pulumi knows a plugin and a policy pack.
for await (const manifest of glob("{components,policies}/**/{package.json,Pulumi*.yaml}", { cwd: checkout }))
  await cp(join(checkout, manifest), join(checkout, "dist", manifest));
