import * as pulumi from "@pulumi/pulumi";

/** A resource as the engine would be asked for it. */
export interface Registered {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

/**
 * Runs a declaration against Pulumi's mocks: what it registers, without an engine or processes. Waits until
 * everything that was declared has been registered.
 */
export async function declare<Result>(
  program: () => Result,
): Promise<{ result: Result; registered: Registered[] }> {
  const registered: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource({ type, name, inputs }) {
        registered.push({ type, name, inputs });
        return {
          id: `${name}-id`,
          state: { url: `http://127.0.0.1/${name}`, instance: name, value: `secret-of-${name}`, ...inputs },
        };
      },
      call: ({ inputs }) => inputs,
    },
    "project",
    "test",
  );
  const result = program();
  await pulumi.runtime.disconnect();
  return { result, registered };
}
