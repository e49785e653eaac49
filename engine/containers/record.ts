import { writeJson } from "./folder.ts";
import type { Container } from "./types.ts";

type Draft = { -readonly [K in keyof Container]: Container[K] };

/** What is known about a container, in memory and in its file. */
export class ContainerRecord {
  readonly #file: string;
  #container: Container;

  constructor(file: string, container: Container) {
    this.#file = file;
    this.#container = container;
  }

  get container(): Container {
    return this.#container;
  }

  /** What somebody wants: it is so once it is written. @throws the system's error, and nothing has changed */
  change(edit: (draft: Draft) => void): void {
    const draft: Draft = { ...this.#container };
    edit(draft);
    writeJson(this.#file, draft, { durable: true });
    this.#container = draft;
  }

  /** What has happened: it is so whether or not the disk is full. With `keep: false` it is not written; the monitor's file has it. */
  learn(edit: (draft: Draft) => void, { keep = true }: { readonly keep?: boolean } = {}): void {
    const draft: Draft = { ...this.#container };
    edit(draft);
    this.#container = draft;
    if (!keep) return;
    try {
      writeJson(this.#file, draft, { durable: true });
    } catch {
      // Memory has it, and after a restart the monitor's files.
    }
  }

  /** Why something failed that nobody waits for. */
  note(error: unknown): void {
    this.learn((draft) => {
      draft.error = error instanceof Error ? error.message : String(error);
    });
  }
}
