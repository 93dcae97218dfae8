// The engine loads a policy pack's `main` as JavaScript; the rest is TypeScript, which Node runs as it is.
import "./pack.ts";
