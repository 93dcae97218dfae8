export type { ClientCredentials } from "./credentials.ts";
export { fetchToken } from "./fetch-token.ts";
export { keepSmokeReport } from "./keep.ts";
export { renderSmokeReport } from "./render.ts";
export { type SmokeCheck, type SmokeReport, smokeReportSchema } from "./report.ts";
export { runSmokeTest, type SmokeTestOptions } from "./run.ts";
