import { writeJson } from "./folder.ts";
import type { Container } from "./types.ts";

type Draft = { -readonly [K in keyof Container]: Container[K] };

/** After a power cut a container with `--rm` is removed, whatever its record says: nobody waits for a disk then. */
export function outlivesMachine({ options }: { readonly options: Pick<Container["options"], "autoRemove"> }): boolean {
  return !options.autoRemove;
}

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
    writeJson(this.#file, draft, { durable: outlivesMachine(draft) });
    this.#container = draft;
  }

  /** What has happened: it is so whether or not the disk is full. With `keep: false` it is not written; the monitor's file has it. */
  learn(edit: (draft: Draft) => void, { keep = true }: { readonly keep?: boolean } = {}): void {
    const draft: Draft = { ...this.#container };
    edit(draft);
    this.#container = draft;
    if (!keep) return;
    try {
      writeJson(this.#file, draft, { durable: outlivesMachine(draft) });
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
