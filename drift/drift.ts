import { type CatalogueChange, renderChanges } from "../lock/index.ts";
import { bySubject, inWords, type Preview } from "../review/index.ts";

/** What differs between what is declared, what was deployed, what is live and what was agreed on. */
export interface Drift {
  /** The declaration against the state: what is declared and not deployed. */
  declaration: string[];
  /** The state against what is live: what is gone, or was changed by hand. */
  live: string[];
  /** The lock file against what consumers are shown. */
  catalogue: CatalogueChange[];
}

/** What drift is seen by. */
export interface Seen {
  /** Of the stack, refreshed. */
  preview: Preview;
  /** Places of the configuration that somebody has changed. */
  editedByHand: readonly string[];
  catalogue: CatalogueChange[];
  /** Why what consumers are shown can't be had; absent where it was. */
  unheard?: string;
}

/** What differs. Pure. */
export function driftOf({ preview, editedByHand, catalogue, unheard }: Seen): Drift {
  const plain = (text: string) => text;
  const declared = new Set(preview.changes.map(({ kind, name }) => `${kind} ${name}`));
  return {
    declaration: bySubject(preview.changes).flatMap(([{ kind, name }, all]) =>
      all.map((change) => `${kind} ${name}: ${inWords(change, plain)}`),
    ),
    live: [
      // What the declaration changes has its effect for that reason.
      ...preview.effects
        .filter(({ subject }) => !declared.has(subject))
        .map(({ subject, text }) => `${subject} ${text}`),
      ...editedByHand.map((place) => `changed by hand: ${place}`),
      ...(unheard ? [unheard] : []),
    ],
    catalogue,
  };
}

/** Whether anything differs. */
export function isDrifted({ declaration, live, catalogue }: Drift): boolean {
  return declaration.length + live.length + catalogue.length > 0;
}

/** Drift for a terminal. Pure. */
export function renderDrift(drift: Drift): string {
  if (!isDrifted(drift)) return "nothing differs: what is live is what is declared";
  const parts: [title: string, text: string][] = [
    ["declared, not deployed", drift.declaration.join("\n")],
    ["live, not as deployed", drift.live.join("\n")],
    ["shown to consumers, not as locked", renderChanges(drift.catalogue)],
  ];
  return parts
    .filter(([, text]) => text !== "")
    .map(([title, text]) => `${title}\n${text.replace(/^/gm, "  ")}`)
    .join("\n\n");
}
