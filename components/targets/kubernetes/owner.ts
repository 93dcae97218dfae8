import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { ownerAnnotation } from "./preflight/needs.ts";

/**
 * The mark of one state, which no other has: stacks of one name in two backends, such as those of two clones, would
 * else take each other's resources for their own, and the `destroy` of one would take them from the other.
 *
 * @param token random, kept in the state, and itself never shown
 */
export function ownerOf(token: pulumi.Output<string>): pulumi.Output<string> {
  return pulumi.unsecret(
    token.apply((value) => createHash("sha256").update(value).digest("hex").slice(0, 16)),
  );
}

/**
 * A hook for what carries the mark and is made before everything else, named once in a stack. Another state's mark is a
 * conflict that the API server tells by its field; this tells it by what has happened.
 */
export function explainOwner(
  name: string,
  namespace: string,
  policy: "create" | "existing",
): pulumi.ErrorHook {
  return new pulumi.ErrorHook(name, async ({ urn, errors }) => {
    if (!isOwnerConflict(errors)) return false;
    // Of a resource, only its name is taken: so it stands with the resource's own error.
    await pulumi.log.error(anotherOwner(namespace, policy), { urn: pulumi.output(urn) } as pulumi.Resource);
    return false;
  });
}

/** Whether errors of the engine are the API server's word that another state's mark is there. Pure. */
export function isOwnerConflict(errors: readonly string[]): boolean {
  return errors.some((error) => /conflict/i.test(error) && error.includes(ownerAnnotation));
}

/** What that means, and what to do. Pure. */
export function anotherOwner(namespace: string, policy: "create" | "existing"): string {
  const what =
    policy === "create" ? `the namespace "${namespace}" is` : `what is in the namespace "${namespace}" is`;
  return [
    `${what} another stack's, of the same name as this one but with a state of its own: in another backend, or in another checkout. Nothing of it was changed.`,
    "    → Log in to the backend that has its state (pulumi login), or choose another namespace.",
    "    → Only where that state is lost or given up: run `pulumi up` once with PULUMI_K8S_ENABLE_PATCH_FORCE=true, which takes all of it over; and never destroy the other stack then, but forget it (pulumi stack rm --force).",
  ].join("\n");
}
