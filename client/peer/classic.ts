import type { BuildEvent } from "../../engine/base/build-events.ts";
import { buildFailed, stepFailed } from "./errors.ts";
import type { Progress } from "./progress.ts";
import type { CountedStep } from "./steps.ts";

/**
 * The text that Docker's first builder and Podman write: `Step 3/7 : RUN x`, `[2/2] STEP 3/7: RUN x`, ` ---> Using cache`, `--> Using
 * cache 0123…`, and what steps print in between.
 */
export class ClassicProgress {
  readonly #progress: Progress;
  readonly #steps: readonly CountedStep[];
  readonly #stages: readonly string[];
  #current: number | undefined;
  #cached = false;
  #rest = "";
  #id: string | undefined;

  constructor(progress: Progress, steps: readonly CountedStep[]) {
    this.#progress = progress;
    this.#steps = steps;
    this.#stages = [...new Set(steps.map(({ stage }) => stage))];
  }

  /** What the last words said; Podman gives no other answer. */
  get imageId(): string | undefined {
    return this.#id;
  }

  *read(text: string): Generator<BuildEvent> {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) yield* this.#line(line);
  }

  *#line(line: string): Generator<BuildEvent> {
    const step = this.#stepOf(line);
    if (step !== undefined) {
      yield* this.#finish();
      this.#current = step;
      // An image that is there already: these builders do not say so.
      this.#cached = this.#steps[step]?.keyword === "FROM";
      return;
    }
    if (/^ ?-{2,3}> Using cache/.test(line)) {
      this.#cached = true;
      return;
    }
    // Docker: an intermediate container, an intermediate image. Podman: the image so far.
    if (/^ ?-{2,3}> (?:Running in )?[0-9a-f]{8,64}$|^Removing intermediate container|^COMMIT(?: |$)/.test(line)) return;
    const built = /^([0-9a-f]{64})$|^Successfully built ([0-9a-f]{12,})$/.exec(line);
    if (built) {
      if (built[1] !== undefined) this.#id = `sha256:${built[1]}`;
      return;
    }
    if (this.#current === undefined || /^Successfully tagged /.test(line)) return;
    yield* this.#progress.start(this.#current, false);
    yield* this.#progress.log(this.#current, "stdout", Buffer.from(`${line}\n`));
  }

  #stepOf(line: string): number | undefined {
    const podman = /^(?:\[(\d+)\/\d+\] )?STEP (\d+)(?:\/\d+)?: /.exec(line);
    if (podman) {
      const stage = this.#stages[Number(podman[1] ?? 1) - 1];
      const place = Number(podman[2]);
      return this.#steps.find((step) => step.stage === stage && step.place === place)?.id;
    }
    const docker = /^Step (\d+)\/\d+ : /.exec(line);
    return docker ? this.#steps[Number(docker[1]) - 1]?.id : undefined;
  }

  *#finish(): Generator<BuildEvent> {
    if (this.#current !== undefined) yield* this.#progress.finish(this.#current, this.#cached);
  }

  *fail(said: string): Generator<BuildEvent> {
    const step = this.#current === undefined ? undefined : this.#steps[this.#current];
    const at = Date.now();
    if (!step) {
      yield { type: "failed", error: buildFailed(said), at };
      return;
    }
    yield* this.#progress.flush(step.id);
    yield { type: "failed", step: step.id, error: stepFailed(step.text, said, step.range), at };
  }

  *end(imageId: string, tags: readonly string[]): Generator<BuildEvent> {
    if (this.#rest !== "") yield* this.read("\n");
    yield* this.#finish();
    yield* this.#progress.end(imageId, tags);
  }
}
