import { formatMessage, type Message } from "./message.ts";
import type { Range } from "./ranges.ts";

/** Every way in which the engine says no. The HTTP status of the API is decided from the code alone (api/errors.ts). */
export type ErrorCode =
  | "invalid-argument"
  | "not-found"
  | "conflict"
  | "unauthorized"
  | "forbidden"
  | "too-large"
  | "unsupported"
  | "unavailable"
  | "cancelled"
  | "dockerfile-syntax"
  | "build-step-failed"
  | "copy-source-not-found"
  | "image-not-found"
  | "registry-unreachable"
  | "registry-denied"
  | "registry-rate-limited"
  | "registry-protocol"
  | "content-corrupt"
  | "disk-full"
  | "port-in-use"
  | "port-privileged"
  | "command-not-found"
  | "runtime-unavailable"
  | "runtime-failed"
  | "internal";

/** What a client may offer as a button beside the message. */
export type ErrorAction =
  | { readonly kind: "show-log" }
  | { readonly kind: "retry" }
  | { readonly kind: "open-settings"; readonly setting: string }
  | { readonly kind: "use-engine" }
  | { readonly kind: "manage-trust" }
  | { readonly kind: "remove-container"; readonly id: string }
  | { readonly kind: "run-command"; readonly command: string }
  | { readonly kind: "open-link"; readonly url: string };

export interface ErrorDetails {
  readonly code: ErrorCode;
  /** What happened. */
  readonly message: Message;
  /** What to do. */
  readonly hint?: Message;
  readonly action?: ErrorAction;
  /** True when the same call may succeed later without any change (the only place that decides on retries). */
  readonly retryable?: boolean;
  /** Where in the Dockerfile, when the error belongs to a place in one. */
  readonly range?: Range;
  readonly exitCode?: number;
  readonly cause?: unknown;
}

/** The JSON form in API answers and build events: `message` is English, `drydock` has what is needed to translate. */
export interface ErrorBody {
  readonly message: string;
  readonly drydock?: Omit<ErrorDetails, "cause">;
}

export class EngineError extends Error {
  readonly details: ErrorDetails;

  constructor(details: ErrorDetails) {
    super(formatMessage(details.message), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "EngineError";
    this.details = details;
  }

  get code(): ErrorCode {
    return this.details.code;
  }

  toBody(): ErrorBody {
    const { cause: _, ...rest } = this.details;
    const hint = rest.hint ? ` ${formatMessage(rest.hint)}` : "";
    return {
      message: /[.!?:]$/.test(this.message) || hint === "" ? this.message + hint : `${this.message}.${hint}`,
      drydock: rest,
    };
  }
}
