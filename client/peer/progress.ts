import { StringDecoder } from "node:string_decoder";
import type { BuildEvent, BuildStep } from "../../engine/base/build-events.ts";
import { msg } from "../../engine/base/message.ts";
import { stepFailed } from "./errors.ts";
import type { SolveStatus, Vertex } from "./status.ts";
import type { CountedStep } from "./steps.ts";

interface Seen {
  started: boolean;
  done: boolean;
  startedAt: number;
  rest: string;
  readonly decoder: StringDecoder;
}

/** Turns another builder's progress into our events. One for a build. */
export class Progress {
  readonly #steps: readonly CountedStep[];
  readonly #vertices = new Map<string, number>();
  readonly #seen = new Map<number, Seen>();
  readonly #startedAt = Date.now();
  /** Steps that were done. */
  readonly #ran = new Set<number>();
  readonly #moved = new Set<number>();
  #failed: Extract<BuildEvent, { readonly type: "failed" }> | undefined;

  constructor(steps: readonly CountedStep[]) {
    this.#steps = steps;
  }

  begin(buildId: string): BuildEvent {
    const steps = this.#steps.map(({ place: _, layerPlace: __, ...step }): BuildStep => step);
    return { type: "started", buildId, steps, at: this.#startedAt };
  }

  /** Why it failed, when a step has said so. */
  get failure(): Extract<BuildEvent, { readonly type: "failed" }> | undefined {
    return this.#failed;
  }

  /** Of BuildKit. */
  *read({ vertexes, statuses, logs, warnings }: SolveStatus): Generator<BuildEvent> {
    for (const vertex of vertexes) yield* this.#vertex(vertex);
    for (const { id, vertex, current, total } of statuses) {
      const step = this.#vertices.get(vertex);
      if (step !== undefined && total > 0) {
        this.#moved.add(step);
        yield { type: "progress", step, item: shortItem(id), currentBytes: current, totalBytes: total };
      }
    }
    for (const { vertex, stream, data, at } of logs) {
      const step = this.#vertices.get(vertex);
      if (step !== undefined) yield* this.log(step, stream === 2 ? "stderr" : "stdout", data, at);
    }
    for (const { short } of warnings) yield { type: "warning", message: msg("{text}", { text: short }) };
  }

  *#vertex(vertex: Vertex): Generator<BuildEvent> {
    const id = this.#vertices.get(vertex.digest) ?? this.#find(vertex.name);
    if (id === undefined) return;
    this.#vertices.set(vertex.digest, id);
    if (vertex.startedAt !== undefined || vertex.cached) yield* this.start(id, vertex.cached, vertex.startedAt);
    if (vertex.error !== undefined && !/context canceled|CANCELED/.test(vertex.error)) {
      yield* this.flush(id);
      const step = this.#steps[id];
      const failure = stepFailed(step?.text ?? "", vertex.error, step?.range);
      this.#failed ??= { type: "failed", step: id, error: failure, at: vertex.completedAt ?? Date.now() };
      return;
    }
    if (vertex.completedAt === undefined) return;
    // BuildKit calls an image that is there already not cached; nothing has moved for it.
    const isThere = this.#steps[id]?.keyword === "FROM" && !this.#moved.has(id);
    yield* this.finish(id, vertex.cached || isThere, vertex.completedAt);
  }

  *start(id: number, cached: boolean, at = Date.now()): Generator<BuildEvent> {
    const seen = this.#of(id);
    if (seen.started) return;
    seen.started = true;
    seen.startedAt = at;
    yield { type: "step-started", step: id, ...(cached ? { cached } : {}), at };
  }

  *finish(id: number, cached: boolean, at = Date.now()): Generator<BuildEvent> {
    const seen = this.#of(id);
    if (seen.done) return;
    yield* this.start(id, cached, at);
    yield* this.flush(id);
    seen.done = true;
    if (!cached) this.#ran.add(id);
    yield { type: "step-done", step: id, cached, durationMs: cached ? 0 : Math.max(0, at - seen.startedAt), at };
  }

  /** Bytes of a step's output, in pieces as they come. */
  *log(step: number, stream: "stdout" | "stderr", data: Buffer, at = Date.now()): Generator<BuildEvent> {
    const seen = this.#of(step);
    const lines = (seen.rest + seen.decoder.write(data)).split("\n");
    seen.rest = lines.pop() ?? "";
    for (const text of lines) yield { type: "log", step, stream, text: text.replace(/\r$/, ""), at };
  }

  *flush(step: number): Generator<BuildEvent> {
    const seen = this.#of(step);
    if (seen.rest !== "") yield { type: "log", step, stream: "stdout", text: seen.rest, at: Date.now() };
    seen.rest = "";
  }

  /** It has succeeded: what was never spoken of is shared with another step, or has no layer of its own. */
  *end(imageId: string, tags: readonly string[]): Generator<BuildEvent> {
    let cachedSteps = 0;
    const layers = this.#steps.filter(({ layerPlace }) => layerPlace !== undefined);
    for (const { id } of this.#steps) {
      if (!this.#of(id).done) yield* this.finish(id, true);
    }
    for (const { id } of layers) if (!this.#ran.has(id)) cachedSteps++;
    const at = Date.now();
    yield {
      type: "done",
      imageId: imageId as Extract<BuildEvent, { readonly type: "done" }>["imageId"],
      tags,
      cachedSteps,
      totalSteps: layers.length,
      durationMs: at - this.#startedAt,
      at,
    };
  }

  /** `[linux/amd64 build 2/5] RUN npm ci`, `[2/5] RUN …`: the second of the stage's instructions that make layers. */
  #find(name: string): number | undefined {
    const found = /^\[(?:([^\]]*) )?(\d+)\/\d+\] /.exec(name);
    if (!found) return undefined;
    const stage = found[1]?.split(" ").at(-1)?.toLowerCase();
    const place = Number(found[2]);
    const isPlatform = stage?.includes("/") ?? false;
    return this.#steps.find(
      (step) => step.layerPlace === place && (stage === undefined || isPlatform || step.stage.toLowerCase() === stage),
    )?.id;
  }

  #of(id: number): Seen {
    let seen = this.#seen.get(id);
    if (!seen) {
      seen = { started: false, done: false, startedAt: Date.now(), rest: "", decoder: new StringDecoder("utf8") };
      this.#seen.set(id, seen);
    }
    return seen;
  }
}

/** `extracting sha256:0123…` → `extracting 012345678901`. */
function shortItem(id: string): string {
  return id.replace(/sha256:([0-9a-f]{12})[0-9a-f]*/, "$1");
}
