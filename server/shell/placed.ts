import type { Range } from "../../engine/base/ranges.ts";
import type { Core, CoreCommand, CoreRedirect, CoreWord, CoreWrapper } from "./core.ts";
import type { Command, Comment, Dialect, Pipeline, Redirect, Script, ShellWord, Wrapper } from "./model.ts";

export type Locate = (start: number, end: number) => Range;

interface Place {
  readonly text: string;
  readonly rangeOf: Locate;
}

/** What the core says, in a file. Words and ranges are made when somebody asks. */
export class PlacedScript implements Script {
  readonly dialect: Dialect;
  readonly text: string;
  readonly plain: boolean;
  readonly simple: boolean;
  readonly complete: boolean;
  readonly options: ReadonlySet<string>;
  readonly comments: readonly Comment[];
  readonly inJson: boolean;
  readonly rangeOf: Locate;
  readonly #core: Core;
  readonly #source: string;
  #commands: readonly PlacedCommand[] | undefined;
  #pipelines: readonly Pipeline[] | undefined;

  /** `source` is what the core's offsets are offsets in, when that is not what a shell reads. */
  constructor(
    core: Core,
    {
      dialect,
      text,
      source = text,
      rangeOf,
      options,
      inJson = false,
    }: {
      readonly dialect: Dialect;
      readonly text: string;
      readonly source?: string;
      readonly rangeOf: Locate;
      readonly options: readonly string[];
      readonly inJson?: boolean;
    },
  ) {
    this.dialect = dialect;
    this.text = text;
    this.rangeOf = rangeOf;
    this.plain = core.plain;
    this.simple = core.simple;
    this.complete = core.complete;
    this.options = options.length === 0 ? core.options : new Set([...options, ...core.options]);
    this.comments = core.comments;
    this.inJson = inJson;
    this.#core = core;
    this.#source = source;
  }

  get commands(): readonly PlacedCommand[] {
    const place = { text: this.#source, rangeOf: this.rangeOf };
    this.#commands ??= this.#core.commands.map((command) => new PlacedCommand(command, place));
    return this.#commands;
  }

  get pipelines(): readonly Pipeline[] {
    this.#pipelines ??= this.#core.pipelines.map(({ commands, start, end }) => ({
      commands: this.commands.filter((command) => commands.includes(command.core)),
      start,
      end,
    }));
    return this.#pipelines;
  }
}

class PlacedCommand implements Command {
  readonly core: CoreCommand;
  readonly #place: Place;
  #words: readonly ShellWord[] | undefined;
  #args: readonly ShellWord[] | undefined;

  constructor(core: CoreCommand, place: Place) {
    this.core = core;
    this.#place = place;
  }

  get name(): string {
    return this.core.name;
  }

  get words(): readonly ShellWord[] {
    this.#words ??= this.core.words.map((word) => new PlacedWord(word, this.#place));
    return this.#words;
  }

  get program(): ShellWord {
    return this.words[0] as ShellWord;
  }

  get args(): readonly ShellWord[] {
    this.#args ??= this.words.slice(1);
    return this.#args;
  }

  get wrappers(): readonly Wrapper[] {
    return this.core.wrappers.map((wrapper) => placedWrapper(wrapper, this.#place));
  }

  get assignments(): Command["assignments"] {
    return this.core.assignments;
  }

  get redirects(): readonly Redirect[] {
    return this.core.redirects.map((redirect) => placedRedirect(redirect, this.#place));
  }

  get before(): string {
    return this.core.before;
  }

  get after(): string {
    return this.core.after;
  }

  get context(): Command["context"] {
    return this.core.context;
  }

  get nested(): boolean {
    return this.core.nested;
  }

  get text(): string {
    return this.#place.text.slice(this.core.start, this.core.end);
  }

  get start(): number {
    return this.core.start;
  }

  get end(): number {
    return this.core.end;
  }

  get range(): Range {
    return this.#place.rangeOf(this.core.start, this.core.end);
  }

  get wholeStart(): number {
    return this.core.wholeStart;
  }

  get wholeEnd(): number {
    return this.core.wholeEnd;
  }
}

class PlacedWord implements ShellWord {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly constant: boolean;
  readonly quoted: boolean;
  readonly #place: Place;

  constructor({ text, start, end, constant, quoted }: CoreWord, place: Place) {
    this.text = text;
    this.start = start;
    this.end = end;
    this.constant = constant;
    this.quoted = quoted;
    this.#place = place;
  }

  get raw(): string {
    return this.#place.text.slice(this.start, this.end);
  }

  get range(): Range {
    return this.#place.rangeOf(this.start, this.end);
  }
}

function placedWrapper({ name, word, start, end }: CoreWrapper, place: Place): Wrapper {
  return { name, word: new PlacedWord(word, place), start, end };
}

function placedRedirect({ operator, target, start, end }: CoreRedirect, place: Place): Redirect {
  return { operator, ...(target && { target: new PlacedWord(target, place) }), start, end };
}
