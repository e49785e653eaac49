import type { Connection, Diagnostic } from "vscode-languageserver";
import type { Session } from "./session.ts";

/** A promise: something had to be loaded first. */
type Check = (uri: string) => Diagnostic[] | Promise<Diagnostic[]>;

/**
 * Sends diagnostics to clients that do not fetch them: of the newest version only, and after the messages that are
 * already waiting, so that a paste or a replay costs one check.
 */
export class Pusher {
  readonly #connection: Connection;
  readonly #session: Session;
  readonly #check: Check;
  #changes = 0;
  readonly #waiting = new Set<string>();

  constructor(connection: Connection, session: Session, check: Check) {
    this.#connection = connection;
    this.#session = session;
    this.#check = check;
  }

  schedule(uri: string): void {
    if (this.#session.pullsDiagnostics) return;
    const isFirst = this.#waiting.size === 0;
    this.#waiting.add(uri);
    this.#changes += 1;
    if (isFirst) setImmediate(() => this.#nextTurn());
  }

  scheduleAll(): void {
    for (const uri of this.#session.documents.keys()) this.schedule(uri);
  }

  clear(uri: string): void {
    this.#waiting.delete(uri);
    if (!this.#session.pullsDiagnostics) void this.#connection.sendDiagnostics({ uri, diagnostics: [] });
  }

  /** The connection hands over one message a turn of the event loop: a turn without a change means that none is waiting. */
  #settle(seen: number): void {
    if (seen === this.#changes) this.#flush();
    else this.#nextTurn();
  }

  #nextTurn(): void {
    const seen = this.#changes;
    setImmediate(() => this.#settle(seen));
  }

  #flush(): void {
    const uris = [...this.#waiting];
    this.#waiting.clear();
    for (const uri of uris) {
      const version = this.#session.documents.get(uri)?.version;
      if (version === undefined) continue;
      const diagnostics = this.#check(uri);
      // Of the version that is the newest then.
      if (diagnostics instanceof Promise) void diagnostics.then(() => this.schedule(uri));
      else void this.#connection.sendDiagnostics({ uri, version, diagnostics });
    }
  }
}
