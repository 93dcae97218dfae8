import type { Declaration } from "./declaration.ts";

/** A class of components. */
type ComponentClass<Part> = new (...args: never[]) => Part;

/** The component that was handed in; whatever else stands there, such as the `undefined` of a condition, is reported. */
export function partOf<Part>(
  type: ComponentClass<Part>,
  given: unknown,
  path: string,
  declaration: Declaration,
): Part | undefined {
  if (given instanceof type) return given;
  declaration.fault(path, `is no ${type.name}`, `Hand in what new mcp.${type.name}(…) made.`);
  return undefined;
}

/** The components in a list. */
export function partsOf<Part>(
  type: ComponentClass<Part>,
  given: unknown,
  path: string,
  declaration: Declaration,
): Part[] {
  const list: unknown[] = Array.isArray(given) ? given : [given];
  return list.flatMap((each, index) => partOf(type, each, `${path}[${index}]`, declaration) ?? []);
}
