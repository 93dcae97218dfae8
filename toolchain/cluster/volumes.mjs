// @ts-check
import { existsSync } from "node:fs";
import { chmod, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { CoreV1Api, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { apply, load } from "./client.mjs";

const count = 24;

/**
 * Volumes for claims of the default class: directories of this machine, and as such there on every node, like a
 * disk of a cloud that follows its pod. A volume that was released is emptied and can be claimed again.
 * @param {string} kubeconfig
 * @param {string} directory
 */
export async function provideVolumes(kubeconfig, directory) {
  const core = load(kubeconfig).makeApiClient(CoreV1Api);
  const present = new Map(
    (await core.listPersistentVolume()).items.map((volume) => [volume.metadata?.name, volume]),
  );
  if (present.size === 0) await apply(kubeconfig, [storageClass]);
  for (let number = 1; number <= count; number++) {
    const name = `volume-${String(number).padStart(2, "0")}`;
    const path = join(directory, name);
    const volume = present.get(name);
    if (volume?.status?.phase === "Released" || !existsSync(path)) await makeEmpty(path);
    if (!volume) {
      await apply(kubeconfig, [persistentVolume(name, path)]);
    } else if (volume.status?.phase === "Released") {
      const body = { spec: { claimRef: null } };
      await core.patchPersistentVolume(
        { name, body },
        setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
      );
    }
  }
}

async function makeEmpty(/** @type {string} */ path) {
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  await chmod(path, 0o777); // Whatever user the pod runs as.
}

const storageClass = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: "standard", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
  provisioner: "kubernetes.io/no-provisioner",
  volumeBindingMode: "WaitForFirstConsumer",
};

function persistentVolume(/** @type {string} */ name, /** @type {string} */ path) {
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name },
    spec: {
      storageClassName: "standard",
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteOnce"],
      persistentVolumeReclaimPolicy: "Retain",
      hostPath: { path, type: "Directory" },
    },
  };
}
