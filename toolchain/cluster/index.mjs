// @ts-check
export { openApi } from "./api.mjs";
