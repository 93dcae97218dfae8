/** One resource in a preview, with what it was and what it will be; values that are secret are none of it. */
export interface Step {
  op: "same" | "create" | "update" | "replace" | "delete";
  urn: string;
  /** Type token, such as `mcp-infra:index:Server`. */
  type: string;
  /** Name in the program. */
  name: string;
  /** URN of the component that it is a part of. */
  parent?: string;
  /** Inputs in the state; absent where it is new. */
  before?: Record<string, unknown>;
  /** Inputs as declared, as far as they are known; absent where it goes. */
  after?: Record<string, unknown>;
}

/** What a policy said of a resource. */
export interface PolicyViolation {
  policy: string;
  mandatory: boolean;
  message: string;
  /** Name of the resource, where it is about one. */
  resource?: string;
}

/** What a preview told. */
export interface PreviewEvents {
  steps: Step[];
  violations: PolicyViolation[];
  /** Errors as the engine shows them. */
  errors: string[];
}

interface StepState {
  parent?: string;
  inputs?: Record<string, unknown>;
}

/** The part of the engine's events that is read here. */
interface EngineEvent {
  resourcePreEvent?: {
    metadata: { op: string; urn: string; type: string; old?: StepState | null; new?: StepState | null };
  };
  policyEvent?: { policyName: string; enforcementLevel: string; message: string; resourceUrn?: string };
  diagnosticEvent?: { severity: string; message: string };
}

const ops: Record<string, Step["op"]> = {
  same: "same",
  create: "create",
  update: "update",
  replace: "replace",
  delete: "delete",
};

/** Reads the lines that `pulumi preview --json` streams; lines that are no events are left out. Pure. */
export function readEvents(output: string): PreviewEvents {
  const events = output.split("\n").flatMap((line) => eventIn(line) ?? []);
  return {
    steps: events.flatMap(({ resourcePreEvent }) => stepOf(resourcePreEvent?.metadata) ?? []),
    violations: events.flatMap(({ policyEvent }) => violationOf(policyEvent) ?? []),
    errors: events.flatMap(({ diagnosticEvent }) =>
      diagnosticEvent?.severity === "error" ? [diagnosticEvent.message.trim()] : [],
    ),
  };
}

function eventIn(line: string): EngineEvent | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as EngineEvent;
  } catch {
    return undefined;
  }
}

type StepMetadata = NonNullable<EngineEvent["resourcePreEvent"]>["metadata"];

/** The halves of a replacement say nothing that the whole doesn't. */
function stepOf(metadata: StepMetadata | undefined): Step | undefined {
  const op = metadata && ops[metadata.op];
  if (!op) return undefined;
  const { urn, type, old, new: declared } = metadata;
  const parent = declared?.parent ?? old?.parent;
  return {
    op,
    urn,
    type,
    name: nameIn(urn),
    ...(parent && { parent }),
    ...(op !== "create" && { before: old?.inputs ?? {} }),
    ...(op !== "delete" && { after: declared?.inputs ?? {} }),
  };
}

function violationOf(event: EngineEvent["policyEvent"]): PolicyViolation | undefined {
  return (
    event && {
      policy: event.policyName,
      mandatory: event.enforcementLevel !== "advisory",
      message: event.message.trim(),
      ...(event.resourceUrn && { resource: nameIn(event.resourceUrn) }),
    }
  );
}

function nameIn(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}
