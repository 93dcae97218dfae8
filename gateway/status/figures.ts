/** Numbers as people read them on the status page. */

const units = [
  ["d", 86_400],
  ["h", 3600],
  ["min", 60],
  ["s", 1],
] as const;

/** A length of time in its two largest units: `3 h 12 min`. */
export function duration(seconds: number): string {
  const parts: string[] = [];
  let rest = Math.max(0, Math.floor(seconds));
  for (const [unit, size] of units) {
    if (rest < size || parts.length === 2) continue;
    parts.push(`${Math.floor(rest / size)} ${unit}`);
    rest %= size;
  }
  return parts.join(" ") || "0 s";
}

/** Milliseconds: `0.42 ms`, `12 ms`, `1.5 s`. */
export function milliseconds(value: number): string {
  return value < 1000 ? `${digits(value)} ms` : `${digits(value / 1000)} s`;
}

/** A number in as many digits as tell something. */
export function digits(value: number): string {
  if (value === 0) return "0";
  return value < 9.95 ? String(Number(value.toFixed(value < 0.995 ? 2 : 1))) : value.toFixed(0);
}

/** A share of 1 in per cent. */
export function percent(share: number): string {
  return `${digits(share * 100)} %`;
}
