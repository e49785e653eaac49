import type { Message, MessageReader, ResponseMessage } from "vscode-languageserver";

/** Where answers go. */
interface Outbox {
  write(response: ResponseMessage): Promise<void>;
  /** False while what was written has not been taken; `then` is called when it has. */
  isFree?(then: () => void): boolean;
}

type Callback = Parameters<MessageReader["listen"]>[0];

/** A message as it comes from a stream: anything may be missing. */
interface Waiting extends Message {
  readonly id?: number | string | null;
  readonly method?: string;
  readonly params?: {
    readonly id?: unknown;
    readonly textDocument?: { readonly uri?: unknown };
    readonly context?: { readonly triggerKind?: unknown; readonly only?: unknown };
  };
}

interface Entry {
  readonly message: Waiting;
  readonly rank: Rank;
}

/** Notifications and answers stay in order, and so do the questions of a person: a position means the text of its moment. */
type Rank = "event" | "person" | "check" | "background";

const change = "textDocument/didChange";
const cancel = "$/cancelRequest";
const check = "textDocument/diagnostic";

/** About the whole file: any version's answer is of use, the newest one's most. */
const wholeFile = new Set([
  "textDocument/codeLens",
  "textDocument/documentLink",
  "textDocument/documentSymbol",
  "textDocument/foldingRange",
  "textDocument/semanticTokens/full",
  "textDocument/semanticTokens/full/delta",
  "workspace/diagnostic",
]);
/** Asked by the editor itself for what it shows, and of use for the text of that moment only. */
const ofMoment = new Set([
  "textDocument/documentHighlight",
  "textDocument/inlayHint",
  "textDocument/semanticTokens/range",
]);

// LSP 3.17, "Error codes".
const contentModified = -32801;
const requestCancelled = -32800;

/** Clients that fetch diagnostics ask for those of a change by then. */
const checkWithinMs = 4;

/**
 * Hands messages to the connection, one a turn of the event loop, so that what arrives meanwhile can overtake: first what has
 * changed, and questions that were asked before that; then diagnostics, then what a person asks, then what the editor asks for
 * itself. What is asked about a text that is gone, or taken back, is answered with an error at once.
 */
export class Inbox implements MessageReader {
  readonly onError: MessageReader["onError"];
  readonly onClose: MessageReader["onClose"];
  readonly onPartialMessage: MessageReader["onPartialMessage"];
  /** Set for clients that ask again after a change (`general.staleRequestSupport`): others take what they get. */
  dropsStale = false;
  readonly #reader: MessageReader;
  readonly #outbox: Outbox;
  #hand: Callback = () => {};
  #waiting: Entry[] = [];
  #isScheduled = false;
  #isEnding = false;
  /** Changed documents whose diagnostics nobody has asked for. */
  readonly #unchecked = new Set<unknown>();
  #timer: NodeJS.Timeout | undefined;

  constructor(reader: MessageReader, outbox: Outbox) {
    this.#reader = reader;
    this.#outbox = outbox;
    this.onError = (...args) => reader.onError(...args);
    this.onClose = (...args) => reader.onClose(...args);
    this.onPartialMessage = (...args) => reader.onPartialMessage(...args);
  }

  listen(callback: Callback): ReturnType<MessageReader["listen"]> {
    this.#hand = callback;
    return this.#reader.listen((message) => this.#take(message));
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#reader.dispose();
  }

  /** More has come than has been worked. */
  get hasMore(): boolean {
    return this.#waiting.length > 0;
  }

  /** The diagnostics of a document are worked out now: what waited for that may go on. */
  checked(uri: string): void {
    if (!this.#unchecked.delete(uri) || this.#unchecked.size > 0) return;
    clearTimeout(this.#timer);
    this.#schedule();
  }

  #take(message: Waiting): void {
    if (message.method === cancel) {
      this.#cancel(message);
      return;
    }
    if (message.method === change) this.#changed(message.params?.textDocument?.uri);
    if (message.method === "shutdown") this.#isEnding = true;
    this.#waiting.push({ message, rank: this.#rankOf(message) });
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // In this turn, but behind what the same chunk of the stream brings.
    queueMicrotask(() => this.#turn());
  }

  #cancel(message: Waiting): void {
    const id = message.params?.id;
    const at = this.#waiting.findIndex(({ message, rank }) => rank !== "event" && message.id === id);
    if (at < 0) {
      // Under way, or answered.
      this.#hand(message);
      return;
    }
    this.#waiting.splice(at, 1);
    this.#refuse(id, requestCancelled, "The request was taken back.");
  }

  #changed(uri: unknown): void {
    this.#unchecked.add(uri);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#unchecked.clear();
      this.#schedule();
    }, checkWithinMs);
    if (!this.dropsStale) return;
    const isStale = ({ message, rank }: Entry) =>
      rank === "background" && message.params?.textDocument?.uri === uri && uri !== undefined;
    const stale = this.#waiting.filter(isStale);
    if (stale.length === 0) return;
    this.#waiting = this.#waiting.filter((entry) => !isStale(entry));
    for (const { message } of stale) this.#refuse(message.id, contentModified, "The document has changed since.");
  }

  #refuse(id: unknown, code: number, message: string): void {
    if (typeof id !== "number" && typeof id !== "string") return;
    // A client that cannot be told has gone.
    this.#outbox.write({ jsonrpc: "2.0", id, error: { code, message } }).catch(() => {});
  }

  #rankOf({ id, method, params }: Waiting): Rank {
    if (id === undefined || id === null || method === undefined) return "event";
    if (method === check) return "check";
    if (wholeFile.has(method)) return "background";
    const isOfMoment = ofMoment.has(method) || (method === "textDocument/codeAction" && isAutomatic(params?.context));
    return isOfMoment && this.dropsStale ? "background" : "person";
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.length === 0) return;
    this.#isScheduled = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#isScheduled = false;
    const [next] = this.#waiting.splice(this.#next(), 1);
    if (!next) return;
    this.#hand(next.message);
    this.#schedule();
  }

  /** An index behind the end: nothing may go yet. */
  #next(): number {
    if (this.#isEnding) return 0;
    const first = (...ranks: readonly Rank[]) => this.#waiting.findIndex(({ rank }) => ranks.includes(rank));
    if (first("event") >= 0) return first("event", "person");
    for (const rank of ["check", "person"] as const) if (first(rank) >= 0) return first(rank);
    // One long answer at a time: diagnostics that are asked for meanwhile stand behind this one only.
    const isFree = this.#unchecked.size === 0 && (this.#outbox.isFree?.(() => this.#schedule()) ?? true);
    return isFree ? 0 : this.#waiting.length;
  }
}

/** The light bulb; not the menu of quick fixes, nor what runs on save. */
function isAutomatic(context: NonNullable<Waiting["params"]>["context"]): boolean {
  return context?.triggerKind === 2 && context.only === undefined;
}
