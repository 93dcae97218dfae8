import { appendFileSync, readFileSync } from "node:fs";
import type { Finding } from "./rules/finding.ts";

/** Why a program's declarations are refused, as data. */
export interface Refusal {
  findings: Finding[];
  /** Texts of their own, such as a checklist that is not complete. */
  texts: string[];
}

/** Names a file to whoever asks for refusals as data: what a preview prints of them is for people alone. */
export const refusalFile = "MCP_INFRA_REFUSAL_FILE";

/** Notes a refusal for whoever has asked for it. */
export function noteRefusal(refusal: Refusal): void {
  const file = process.env[refusalFile];
  if (file) appendFileSync(file, `${JSON.stringify(refusal)}\n`);
}

/** What was noted; a program may have been refused on several targets. */
export function readRefusals(file: string): Refusal[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Refusal);
}
