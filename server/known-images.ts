import { type CancellationToken, CancellationTokenSource } from "vscode-languageserver";
import type { Wants } from "./features/completion/offer.ts";
import type { ImageKnowledge } from "./features/completion/place.ts";
import type { ProjectEntry } from "./lint/views.ts";
import { isRecord } from "./settings.ts";

const imagesAgeMs = 5000;
const tagsAgeMs = 5 * 60_000;
/** A build may give the name to another image. */
const filesAgeMs = 30_000;
/** Nothing came: no engine, no network, no such repository. Asked again soon. */
const missingAgeMs = 20_000;
const mostRepositories = 50;
/** Answers come from elsewhere. */
const mostNames = 50_000;
const mostFolders = 100;
const mostEntries = 5000;
/** Nothing that ends a line, or a name. */
const fileName = /^(?!\.{1,2}$)[^/\p{Cc}]{1,255}$/u;
const possible = /^[\w][\w./:@-]{0,400}$/;

interface Known<T = string> {
  readonly items: readonly T[];
  readonly until: number;
}

export type AskClient = (method: string, params: object, token: CancellationToken) => Promise<unknown>;

/**
 * What the client's engine and registries have said of images: `drydock/images`, `drydock/tags` and `drydock/imageFiles`. The
 * server itself goes nowhere. Answers are kept for a while; a list is never waited for longer than somebody looks at an open list.
 */
export class KnownImages implements ImageKnowledge {
  readonly #ask: AskClient;
  readonly #now: () => number;
  readonly #tags = new Map<string, Known>();
  readonly #files = new Map<string, Known<ProjectEntry>>();
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

  files(image: string, folder: string): readonly ProjectEntry[] | undefined {
    return this.#fresh(this.#files.get(`${image} ${folder}`));
  }

  /** Resolves when everything is known, or after `waitMs`; what comes later is there for the next list. */
  async fetch({ images, tags, files }: Wants, waitMs: number): Promise<void> {
    const answers: Promise<void>[] = [];
    if (images && this.images === undefined) answers.push(this.#fetchImages());
    if (tags !== undefined && this.tags(tags) === undefined) answers.push(this.#fetchTags(tags));
    if (files && this.files(files.image, files.folder) === undefined)
      answers.push(this.#fetchFiles(files.image, files.folder));
    if (answers.length === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, waitMs);
    });
    await Promise.race([Promise.all(answers), late]);
    clearTimeout(timer);
  }

  #fresh<T>(known: Known<T> | undefined): readonly T[] | undefined {
    return known && known.until > this.#now() ? known.items : undefined;
  }

  #fetchImages(): Promise<void> {
    return this.#once("images", "drydock/images", {}, (answer) => {
      this.#images = this.#known(namesIn(answer), imagesAgeMs);
    });
  }

  #fetchTags(repository: string): Promise<void> {
    this.#cancelOthers("tags ", repository);
    return this.#once(`tags ${repository}`, "drydock/tags", { repository }, (answer) => {
      keep(this.#tags, repository, this.#known(namesIn(answer), tagsAgeMs), mostRepositories);
    });
  }

  #fetchFiles(image: string, folder: string): Promise<void> {
    const key = `${image} ${folder}`;
    this.#cancelOthers("files ", key);
    return this.#once(`files ${key}`, "drydock/imageFiles", { image, path: folder }, (answer) => {
      keep(this.#files, key, this.#known(entriesIn(answer), filesAgeMs), mostFolders);
    });
  }

  /** Somebody types a name: those before it are no longer wanted. */
  #cancelOthers(kind: string, name: string): void {
    for (const [key, { cancel }] of this.#asking) if (key.startsWith(kind) && key !== kind + name) cancel.cancel();
  }

  #known<T>(items: readonly T[] | undefined, ageMs: number): Known<T> {
    return { items: items ?? [], until: this.#now() + (items ? ageMs : missingAgeMs) };
  }

  #once(key: string, method: string, params: object, take: (answer: unknown) => void): Promise<void> {
    const running = this.#asking.get(key);
    if (running && !running.cancel.token.isCancellationRequested) return running.answer;
    const cancel = new CancellationTokenSource();
    const answer = this.#ask(method, params, cancel.token)
      .catch(() => undefined)
      .then((answered) => {
        if (!cancel.token.isCancellationRequested) take(answered);
        if (this.#asking.get(key)?.cancel === cancel) this.#asking.delete(key);
      });
    this.#asking.set(key, { answer, cancel });
    return answer;
  }
}

function keep<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  const [oldest] = map.keys();
  if (oldest !== undefined && map.size >= most) map.delete(oldest);
  map.delete(key);
  map.set(key, value);
}

function entriesIn(answer: unknown): readonly ProjectEntry[] | undefined {
  const entries: unknown = isRecord(answer) ? answer.entries : undefined;
  if (!Array.isArray(entries)) return undefined;
  return entries.slice(0, mostEntries).flatMap((entry: unknown) => {
    const { name, isFolder } = isRecord(entry) ? entry : {};
    return typeof name === "string" && fileName.test(name) ? [{ name, isFolder: isFolder === true }] : [];
  });
}

function namesIn(answer: unknown): readonly string[] | undefined {
  const names = isRecord(answer) ? answer.names : undefined;
  if (!Array.isArray(names)) return undefined;
  return names.slice(0, mostNames).filter((name): name is string => typeof name === "string" && possible.test(name));
}
