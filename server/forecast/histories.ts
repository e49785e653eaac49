import type { Message } from "../../engine/base/message.ts";
import type { Replay } from "../../engine/base/replay.ts";
import { historySentence } from "./advice.ts";

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
  readonly #known = new Map<string, { readonly text: string; readonly sentence: Message | undefined }>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  sentence(uri: string): Message | undefined {
    return this.#known.get(uri)?.sentence;
  }

  /** `hasFinding`: the rule that wants the sentence has found something. */
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
      const sentence = replay && historySentence(replay);
      const before = this.#known.get(uri)?.sentence;
      this.#known.set(uri, { text, sentence });
      if (JSON.stringify(before) !== JSON.stringify(sentence)) this.#sources.changed(uri);
    } catch (error) {
      // No repository, no git: then there is nothing to say.
      this.#known.set(uri, { text, sentence: undefined });
      this.#sources.failed(error instanceof Error ? error.message : String(error));
    }
  }
}
