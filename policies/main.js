// The engine loads a policy pack as plain JavaScript; this starts the TypeScript.
import "./index.ts";
