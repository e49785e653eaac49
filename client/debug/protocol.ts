// The part of the Debug Adapter Protocol that is spoken here. Lines count from 1, as VS Code asks for it.

export interface Request {
  readonly seq: number;
  readonly type: "request";
  readonly command: string;
  readonly arguments?: unknown;
}

export interface Response {
  readonly seq: number;
  readonly type: "response";
  readonly request_seq: number;
  readonly command: string;
  readonly success: boolean;
  /** Shown when it failed. */
  readonly message?: string;
  readonly body?: unknown;
}

export interface Event {
  readonly seq: number;
  readonly type: "event";
  readonly event: string;
  readonly body?: unknown;
}

export interface Source {
  readonly name?: string;
  readonly path?: string;
}

export interface SetBreakpointsArguments {
  readonly source: Source;
  readonly breakpoints?: readonly { readonly line: number }[];
}

export interface Breakpoint {
  readonly verified: boolean;
  readonly line?: number;
  readonly message?: string;
  readonly source?: Source;
}

export interface StackFrame {
  readonly id: number;
  readonly name: string;
  readonly source: Source;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
}

export interface Scope {
  readonly name: string;
  readonly variablesReference: number;
  readonly expensive: boolean;
}

export interface Variable {
  readonly name: string;
  readonly value: string;
  readonly variablesReference: number;
}

export interface EvaluateArguments {
  readonly expression: string;
  readonly frameId?: number;
  /** `repl`, `hover`, `watch` and others. */
  readonly context?: string;
}

export type StopReason = "entry" | "breakpoint" | "step" | "exception" | "pause";
