import type { Replay } from "../../engine/base/replay.ts";

interface Sources {
  /** Undefined when there is no other order to compare with. */
  replay(uri: string): Promise<Replay | undefined>;
  changed(uri: string): void;
  failed(problem: string): void;
}

/** A key is no reason to look through the history again: only a text that is left alone for so long. */
const settleMs = 1500;

/** What git history says of the order of each visible Dockerfile: asked once for a text, in the background. */
export class Histories {
  readonly #sources: Sources;
  readonly #known = new Map<string, { readonly text: string; readonly replay: Replay | undefined }>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  of(uri: string): Replay | undefined {
    return this.#known.get(uri)?.replay;
  }

  /** `hasFinding`: the rule that wants to know has found something. */
  consider(uri: string, text: string, hasFinding: boolean): void {
    if (!hasFinding || this.#known.get(uri)?.text === text) return;
    clearTimeout(this.#timers.get(uri));
    this.#timers.set(
      uri,
      setTimeout(() => void this.#ask(uri, text), settleMs),
    );
  }

  forget(uri: string): void {
    clearTimeout(this.#timers.get(uri));
    this.#timers.delete(uri);
    this.#known.delete(uri);
  }

  async #ask(uri: string, text: string): Promise<void> {
    this.#timers.delete(uri);
    try {
      const replay = await this.#sources.replay(uri);
      this.#known.set(uri, { text, replay });
      this.#sources.changed(uri);
    } catch (error) {
      // No repository, no git: then there is nothing to say.
      this.#known.set(uri, { text, replay: undefined });
      this.#sources.failed(error instanceof Error ? error.message : String(error));
    }
  }
}
