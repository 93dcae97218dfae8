export { type CatalogueReview, catalogueOf } from "./catalogue.ts";
export { commentOf, marker } from "./comment.ts";
export type { DomainChange } from "./domain-change.ts";
export type { Effect } from "./effect.ts";
export { type Preview, previewOf } from "./preview.ts";
export type { Deployment } from "./sections.ts";
export { renderReview } from "./terminal.ts";
export { type Review, type Verdict, verdictOf } from "./verdict.ts";
export { bySubject, inWords } from "./words.ts";
