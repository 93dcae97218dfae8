/**
 * Where the suite is run: at the reference server, at a gateway in front of it, and at one in front of it when it speaks
 * the older era alone. (To a server that speaks both, the gateway speaks the newer one.)
 */
export const PLACES = ["the reference server", "the gateway", "the gateway to an older server"] as const;

/** One of {@link PLACES}. */
export type Place = (typeof PLACES)[number];

const GATEWAYS: readonly Place[] = ["the gateway", "the gateway to an older server"];

/** What does not pass, and why; docs/protocol.md tells it to users. */
interface Exception {
  reason: string;
  /** Scenarios, or single checks of one: `scenario:check`. */
  scenarios: readonly string[];
  /** The runs that it is about; absent: all. */
  runs?: readonly string[];
  /** The places that it is about; absent: all. */
  at?: readonly Place[];
}

const EXCEPTIONS: readonly Exception[] = [
  {
    reason: "The tasks extension (SEP-2663) is not carried, and the reference server has none.",
    scenarios: [
      "tasks-capability-negotiation",
      "tasks-dispatch-and-envelope",
      "tasks-lifecycle",
      "tasks-mrtr-composition",
      "tasks-mrtr-input",
      "tasks-request-headers",
      "tasks-request-state-removal",
      "tasks-required-task-error",
      "tasks-status-notifications",
      "tasks-wire-fields",
    ],
  },
  {
    reason: "The skills extension (SEP-2640) is not carried, and the reference server has none.",
    scenarios: ["sep-2640-skills-directory", "sep-2640-skills-enumeration", "sep-2640-skills-manifest"],
  },
  {
    reason:
      "This release of the suite asks in the name of revision 2025-03-26 for what came with 2025-11-25; 0.2 puts it right.",
    scenarios: ["server-sse-polling"],
    runs: ["0.1.16"],
  },
  {
    reason: "Streams to older clients can't be gone on with: the gateway keeps no events for them.",
    scenarios: ["server-sse-polling"],
    runs: ["0.2"],
    at: GATEWAYS,
  },
  {
    reason:
      "A session is for a client that can be asked something; the one of this scenario can't, and gets none.",
    scenarios: ["server-session-lifecycle"],
    at: GATEWAYS,
  },
  {
    reason: "A server of the older era asks during a call, so a client of the newer one can't be asked.",
    scenarios: [
      ...[
        "basic-elicitation",
        "basic-list-roots",
        "basic-sampling",
        "capability-check",
        "missing-input-response",
        "multi-round",
        "multiple-input-requests",
        "non-tool-request",
        "request-state",
        "result-type",
        "tampered-state",
        "validate-input",
      ].map((name) => `input-required-result-${name}`),
      "server-stateless:sep-2575-server-rejects-undeclared-capability",
      "server-stateless:sep-2575-missing-capability-http-400",
    ],
    at: ["the gateway to an older server"],
  },
  {
    reason: "A server of the older era knows of no header that mirrors a parameter, and compares none.",
    scenarios: ["http-custom-header-server-validation"],
    at: ["the gateway to an older server"],
  },
];

/** What must not pass in one run at one place. */
export function exceptions(run: string, place: Place): readonly string[] {
  return EXCEPTIONS.filter(
    ({ runs, at }) => (runs?.includes(run) ?? true) && (at?.includes(place) ?? true),
  ).flatMap(({ scenarios }) => scenarios);
}
