import Table from "cli-table3";

/** A table without frames, for terminals and for `grep`. */
export function table(head: string[], rows: string[][]): string {
  const frameless = Object.fromEntries(
    [
      "top",
      "top-mid",
      "top-left",
      "top-right",
      "bottom",
      "bottom-mid",
      "bottom-left",
      "bottom-right",
      "left",
      "left-mid",
      "mid",
      "mid-mid",
      "right",
      "right-mid",
    ].map((edge) => [edge, ""]),
  );
  const out = new Table({
    head,
    chars: { ...frameless, middle: "  " },
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 0 },
  });
  out.push(...rows);
  return out.toString();
}
