import { type CancellationToken, CancellationTokenSource } from "vscode-languageserver";
import type { Wants } from "./features/completion/offer.ts";
import type { ImageKnowledge } from "./features/completion/place.ts";
import { isRecord } from "./settings.ts";

const imagesAgeMs = 5000;
const tagsAgeMs = 5 * 60_000;
/** Nothing came: no engine, no network, no such repository. Asked again soon. */
const missingAgeMs = 20_000;
const mostRepositories = 50;
/** Answers come from elsewhere. */
const mostNames = 50_000;
const possible = /^[\w][\w./:@-]{0,400}$/;

interface Known {
  readonly names: readonly string[];
  readonly until: number;
}

export type AskClient = (method: string, params: object, token: CancellationToken) => Promise<unknown>;

/**
 * What the client's engine and registries have said of images: `drydock/images` and `drydock/tags`. The server itself goes
 * nowhere. Answers are kept for a while; a list is never waited for longer than somebody looks at an open list.
 */
export class KnownImages implements ImageKnowledge {
  readonly #ask: AskClient;
  readonly #now: () => number;
  readonly #tags = new Map<string, Known>();
  readonly #asking = new Map<string, { readonly answer: Promise<void>; readonly cancel: CancellationTokenSource }>();
  #images: Known | undefined;

  constructor(ask: AskClient, now: () => number = () => performance.now()) {
    this.#ask = ask;
    this.#now = now;
  }

  get images(): readonly string[] | undefined {
    return this.#fresh(this.#images);
  }

  tags(repository: string): readonly string[] | undefined {
    return this.#fresh(this.#tags.get(repository));
  }

  /** Resolves when everything is known, or after `waitMs`; what comes later is there for the next list. */
  async fetch({ images, tags }: Wants, waitMs: number): Promise<void> {
    const answers: Promise<void>[] = [];
    if (images && this.images === undefined) answers.push(this.#fetchImages());
    if (tags !== undefined && this.tags(tags) === undefined) answers.push(this.#fetchTags(tags));
    if (answers.length === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, waitMs);
    });
    await Promise.race([Promise.all(answers), late]);
    clearTimeout(timer);
  }

  #fresh(known: Known | undefined): readonly string[] | undefined {
    return known && known.until > this.#now() ? known.names : undefined;
  }

  #fetchImages(): Promise<void> {
    return this.#once("images", "drydock/images", {}, (names) => {
      this.#images = { names: names ?? [], until: this.#now() + (names ? imagesAgeMs : missingAgeMs) };
    });
  }

  #fetchTags(repository: string): Promise<void> {
    // Somebody types a name: those before it are no longer wanted.
    for (const [key, { cancel }] of this.#asking) if (key.startsWith("tags ")) cancel.cancel();
    return this.#once(`tags ${repository}`, "drydock/tags", { repository }, (names) => {
      const [oldest] = this.#tags.keys();
      if (oldest !== undefined && this.#tags.size >= mostRepositories) this.#tags.delete(oldest);
      this.#tags.set(repository, { names: names ?? [], until: this.#now() + (names ? tagsAgeMs : missingAgeMs) });
    });
  }

  #once(
    key: string,
    method: string,
    params: object,
    keep: (names: readonly string[] | undefined) => void,
  ): Promise<void> {
    const running = this.#asking.get(key);
    if (running && !running.cancel.token.isCancellationRequested) return running.answer;
    const cancel = new CancellationTokenSource();
    const answer = this.#ask(method, params, cancel.token)
      .then(namesIn, () => undefined)
      .then((names) => {
        if (!cancel.token.isCancellationRequested) keep(names);
        if (this.#asking.get(key)?.cancel === cancel) this.#asking.delete(key);
      });
    this.#asking.set(key, { answer, cancel });
    return answer;
  }
}

function namesIn(answer: unknown): readonly string[] | undefined {
  const names = isRecord(answer) ? answer.names : undefined;
  if (!Array.isArray(names)) return undefined;
  return names.slice(0, mostNames).filter((name): name is string => typeof name === "string" && possible.test(name));
}
