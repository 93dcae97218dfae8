export * from "./consumer.ts";
export * from "./duration.ts";
export * from "./gateway.ts";
export * from "./integration.ts";
export * from "./names.ts";
export * from "./offers.ts";
export * from "./server.ts";
