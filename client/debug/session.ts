import type { BuildEvent, BuildStep } from "../../engine/base/build-events.ts";
import { formatDuration } from "../../engine/base/format.ts";
import { type Message, msg } from "../../engine/base/message.ts";
import type { ImageFacts } from "./image-facts.ts";
import { BuildFailed, nothingBuiltYet, onlyWhileStopped } from "./problems.ts";
import { type Program, shortened } from "./program.ts";
import type { StopReason } from "./protocol.ts";
import type { ThrowawayOrder } from "./throwaway.ts";

/** What a session asks of the engine and of the person's language. */
export interface Host {
  /** Builds a Dockerfile's text; ends with `done` or `failed`. Aborting the signal cancels it in the engine. */
  build(text: string, signal: AbortSignal): AsyncIterable<BuildEvent>;
  inspect(imageId: string): Promise<ImageFacts>;
  /** Runs a command in a container that is removed after it; resolves with its exit code. */
  run(order: ThrowawayOrder, write: (text: string, isError: boolean) => void): Promise<number>;
  /** Removes containers that are left, and images that only the session has made, but not `kept`. */
  cleanUp(made: readonly string[], kept: string | undefined): Promise<void>;
  translate(message: Message): string;
  errorText(error: unknown): string;
}

export type OutputKind = "console" | "stdout" | "stderr" | "important";

/** What a session tells. */
export interface Listener {
  /** `line`: of the Dockerfile, from 0. */
  output(text: string, kind: OutputKind, line?: number): void;
  /** `text`: what went wrong. */
  stopped(reason: StopReason, text?: string): void;
  ended(exitCode: number): void;
}

const bold = "\x1b[1m";
const plain = "\x1b[0m";

/** Goes through a build. It is before one step, or after all of them; every step that was done is in the engine's cache, so going back costs nothing. */
export class DebugSession {
  readonly program: Program;
  readonly #host: Host;
  readonly #listener: Listener;
  /** By step: what it has made. */
  readonly #images = new Map<number, string>();
  readonly #facts = new Map<string, Promise<ImageFacts>>();
  #breakpoints: ReadonlySet<number> = new Set();
  #position = 0;
  #running: AbortController | undefined;
  /** The step that has said something last. */
  #saying: number | undefined;
  #isOver = false;

  constructor(program: Program, host: Host, listener: Listener) {
    this.program = program;
    this.#host = host;
    this.#listener = listener;
  }

  get position(): number {
    return this.#position;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Steps to stop before; those of a build that runs as well. */
  setBreakpoints(steps: readonly number[]): void {
    this.#breakpoints = new Set(steps);
  }

  /** `stopOnEntry` undefined: only when nothing else would stop it. */
  start({
    stopOnEntry,
    noDebug = false,
  }: {
    readonly stopOnEntry?: boolean;
    readonly noDebug?: boolean;
  }): Promise<void> {
    if (noDebug) return this.#go(() => this.program.end);
    if (stopOnEntry ?? this.#breakpoints.size === 0) return this.#stop("entry");
    return this.#go(() => this.#breakpointFrom(0), "breakpoint");
  }

  continue(): Promise<void> {
    if (this.#position === this.program.end) return this.#end(0);
    const from = this.#position + 1;
    return this.#go(() => this.#breakpointFrom(from), "breakpoint");
  }

  next(): Promise<void> {
    const to = this.#position + 1;
    return to > this.program.end ? this.#end(0) : this.#go(() => to, "step");
  }

  /** To the end of the stage. */
  stepOut(): Promise<void> {
    if (this.#position === this.program.end) return this.#end(0);
    const from = this.#position + 1;
    const to = this.program.endOfStage(this.#position);
    return this.#go(() => Math.min(to, this.#breakpointFrom(from)), "step");
  }

  stepBack(): Promise<void> {
    this.#position = Math.max(0, this.#position - 1);
    return this.#stop("step");
  }

  reverse(): Promise<void> {
    const before = [...this.#breakpoints].filter((step) => step < this.#position);
    this.#position = before.length === 0 ? 0 : Math.max(...before);
    return this.#stop(before.length === 0 ? "entry" : "breakpoint");
  }

  pause(): void {
    this.#running?.abort();
  }

  /** The image as it is before the next step; undefined before FROM. Built when nobody needed it yet. */
  async state(): Promise<ImageFacts | undefined> {
    const step = this.program.stateAt(this.#position);
    return step === undefined ? undefined : this.#factsOf(await this.#imageAfter(step));
  }

  /** The same, for who cannot do without. @throws DebugProblem */
  async neededState(): Promise<ImageFacts> {
    if (this.isRunning) throw onlyWhileStopped();
    const state = await this.state();
    if (!state) throw nothingBuiltYet();
    return state;
  }

  run(order: ThrowawayOrder): Promise<number> {
    return this.#host.run(order, (text, isError) => this.#listener.output(text, isError ? "stderr" : "stdout"));
  }

  /** Cancels what runs and takes away what was only for the session. */
  async close(): Promise<void> {
    this.#isOver = true;
    this.#running?.abort();
    const kept = this.#position === this.program.end ? this.#images.get(this.program.end - 1) : undefined;
    await this.#host.cleanUp([...this.#images.values()], kept);
  }

  #breakpointFrom(position: number): number {
    return Math.min(this.program.end, ...[...this.#breakpoints].filter((step) => step >= position));
  }

  /** Builds up to a position, a stage at a time, so that a stage that nobody waits for yet comes in the file's order too. */
  async #go(destination: () => number, reason?: StopReason): Promise<void> {
    const abort = new AbortController();
    this.#running = abort;
    this.#saying = undefined;
    let failure: string | undefined;
    try {
      while (this.#position < destination() && failure === undefined && !abort.signal.aborted) {
        const to = Math.min(destination(), this.program.endOfStage(this.#position));
        failure = await this.#buildTo(to, abort.signal);
        if (failure === undefined && !abort.signal.aborted) this.#position = to;
      }
    } catch (error) {
      if (!abort.signal.aborted) failure = this.#host.errorText(error);
    }
    this.#running = undefined;
    if (this.#isOver) return;
    if (failure !== undefined) {
      // What the step has said itself stands there already.
      if (this.#saying === this.#position) this.#line(this.#position, msg("The step failed"), false);
      else this.#listener.output(`${failure}\n`, "stderr", this.program.steps[this.#position]?.line);
      if (reason === undefined) return this.#end(1);
      return this.#stop("exception", failure);
    }
    if (abort.signal.aborted) return this.#stop("pause");
    if (this.#position === this.program.end && reason !== "step") return this.#end(0);
    return this.#stop(reason ?? "step");
  }

  /** Returns what went wrong; then the position is before the step that failed. */
  async #buildTo(to: number, signal: AbortSignal): Promise<string | undefined> {
    const from = this.#position;
    let last = from;
    const told = new Set<number>();
    let steps: readonly BuildStep[] = [];
    const placeOf = (step: number | undefined) => this.program.stepAt(steps[step ?? -1]?.range.start.line ?? -1);
    try {
      for await (const event of this.#host.build(this.program.textUpTo(to - 1), signal)) {
        if (event.type === "started") steps = event.steps;
        if (event.type === "warning")
          this.#listener.output(`${this.#say(event.message)}\n`, "console", event.range?.start.line);
        if (event.type === "failed") {
          const line = event.error.drydock?.range?.start.line;
          const at = (line === undefined ? undefined : this.program.stepAt(line)) ?? placeOf(event.step);
          this.#position = at ?? last;
          return this.#host.errorText(new BuildFailed(event.error));
        }
        if (event.type === "done") this.#images.set(to - 1, event.imageId);
        if (!("step" in event)) continue;
        const step = placeOf(event.step);
        // What other stages did before is done again from the cache.
        if (step === undefined || step < from) continue;
        last = Math.max(last, step);
        told.add(step);
        this.#tell(step, event);
      }
    } finally {
      if (signal.aborted) this.#position = last;
    }
    if (!signal.aborted && to === from + 1 && !told.has(from)) this.#line(from, msg("sets what follows"));
    return undefined;
  }

  #tell(step: number, event: BuildEvent): void {
    if (event.type === "step-started" && !event.cached) this.#line(step);
    if (event.type === "log") {
      this.#saying = step;
      this.#listener.output(`${event.text.replace(/\n$/, "")}\n`, event.stream, this.program.steps[step]?.line);
    }
    if (event.type !== "step-done") return;
    if (event.cached) this.#line(step, msg("reused from the cache"));
    else this.#line(step, msg("done in {duration}", { duration: formatDuration(event.durationMs) }), false);
  }

  #line(step: number, what?: Message, hasText = true): void {
    const { line = 0, text = "" } = this.program.steps[step] ?? {};
    const parts = [...(hasText ? [shortened(text)] : []), ...(what ? [this.#say(what)] : [])];
    const words = this.#say(msg("Line {line}: {text}", { line: line + 1, text: parts.join(" · ") }));
    this.#listener.output(`${hasText ? bold : ""}${words}${plain}\n`, "stdout", line);
  }

  async #imageAfter(step: number): Promise<string> {
    const known = this.#images.get(step);
    if (known !== undefined) return known;
    for await (const event of this.#host.build(this.program.textUpTo(step), new AbortController().signal)) {
      if (event.type === "done") this.#images.set(step, event.imageId);
      if (event.type === "failed") throw new BuildFailed(event.error);
    }
    const made = this.#images.get(step);
    if (made === undefined) throw nothingBuiltYet();
    return made;
  }

  #factsOf(imageId: string): Promise<ImageFacts> {
    const known = this.#facts.get(imageId) ?? this.#host.inspect(imageId);
    this.#facts.set(imageId, known);
    known.catch(() => this.#facts.delete(imageId));
    return known;
  }

  async #stop(reason: StopReason, text?: string): Promise<void> {
    this.#listener.stopped(reason, text);
  }

  async #end(exitCode: number): Promise<void> {
    const imageId = this.#images.get(this.program.end - 1);
    if (exitCode === 0 && imageId !== undefined) {
      this.#listener.output(
        `${this.#say(msg("Built {name}: {id}", { name: this.program.targetName, id: shortId(imageId) }))}\n`,
        "important",
      );
    }
    this.#listener.ended(exitCode);
  }

  #say(message: Message): string {
    return this.#host.translate(message);
  }
}

function shortId(imageId: string): string {
  return imageId.replace(/^sha256:/, "").slice(0, 12);
}
