import { expect, test } from "vitest";
import { kubernetesSchema } from "../../../components/targets/kubernetes/args.ts";

const image = { reference: `registry.example.com/a@sha256:${"0".repeat(64)}` };
const faultsOf = (given: object) => {
  const { error } = kubernetesSchema.safeParse({ namespace: "support", image, ...given });
  return (error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
};

test.each<[string, object, string]>([
  ["a namespace", { namespace: "Support" }, 'namespace: "Support" is no RFC 1123 label'],
  ["one of several", { callersFrom: ["web", "Web_2"] }, 'callersFrom.1: "Web_2" is no RFC 1123 label'],
  [
    "a host",
    { expose: { host: "localhost", ingress: { className: "a", namespace: "b" } } },
    '"localhost" is no host',
  ],
  [
    "an image by tag",
    { image: { reference: "a:latest" } },
    'image.reference: "a:latest" has to be an image by digest',
  ],
  [
    "no processors",
    { quota: { cpu: "many" } },
    'quota.cpu: "many" is no amount of processor; write "500m" or "16"',
  ],
  ["less than none", { quota: { cpu: "-1" } }, 'quota.cpu: "-1" is no amount of processor'],
  [
    "no memory",
    { quota: { memory: "32 GB" } },
    'quota.memory: "32 GB" is no amount of bytes; write "512Mi" or "32Gi"',
  ],
  ["no size", { storage: { size: "lots" } }, 'storage.size: "lots" is no amount of bytes'],
])("%s that is none is refused by what was written", (_, given, words) => {
  const faults = faultsOf(given);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(words);
});

test.each([
  ["500m", "500Mi"],
  ["16", "1Ti"],
  ["1.5", "20G"],
])("%s processors and %s bytes are amounts", (cpu, bytes) => {
  expect(faultsOf({ quota: { cpu, memory: bytes }, storage: { size: bytes } })).toEqual([]);
});
