export type { Measurements } from "./figures.ts";
export { measure, type ProfileOptions } from "./measure.ts";
export { recommend } from "./recommendations/index.ts";
export { renderProfile, renderRecommendations } from "./render.ts";
export { type Verdict, verdictOn } from "./verdict.ts";
