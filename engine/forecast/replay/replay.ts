import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { type Digest, digestOf } from "../../base/digest.ts";
import type { Replay, ReplayedCommit, ReplayedStep, ReplayedVariant } from "../../base/replay.ts";
import { mountsContent, vertexKey } from "../../cache/keys.ts";
import { compileIgnore, type Ignore, readIgnoreFile } from "../../context/ignore.ts";
import type { BuildGraph, Vertex } from "../../graph/graph.ts";
import { inputsOf, mountSources } from "../../graph/inputs.ts";
import { reachable } from "../../graph/vertices.ts";
import type { GitChange, GitCommit } from "./git-log.ts";
import { selectorOf } from "./selector.ts";

export interface ReplayGraph {
  readonly id: string;
  readonly graph: BuildGraph;
  /** By vertex: how long it took when it was last done. */
  readonly durations: ReadonlyMap<number, number>;
}

/**
 * Builds every commit in mind: a step is done again when its key was not seen before in this history (going back to an old content finds
 * the old result). What a step takes of the context is known by the sum of what commits changed of it, so that neither the first
 * tree nor any file has to be read.
 */
export async function replay(
  graphs: readonly ReplayGraph[],
  commits: AsyncIterable<GitCommit>,
  ignore: Ignore | undefined,
): Promise<Replay> {
  const players = graphs.map((graph) => new Player(graph, ignore));
  const told: ReplayedCommit[] = [];
  for (const player of players) player.build();
  for await (const { id, at, subject, changes } of commits) {
    told.push({ id, at, subject });
    for (const player of players) player.commit(changes);
  }
  return { commits: told, variants: players.map((player) => player.result()) };
}

/** The .dockerignore that holds for the Dockerfile, as it is now. */
export function ignoreOf(contextDir: string, dockerfilePath: string): Ignore | undefined {
  const file = [`${dockerfilePath}.dockerignore`, path.join(contextDir, ".dockerignore")].find((one) =>
    existsSync(one),
  );
  return file === undefined
    ? undefined
    : compileIgnore(readIgnoreFile(readFileSync(file, "utf8")), path.basename(file));
}

interface Taker {
  takes(path: string): boolean;
  /** Sum, by exclusive or, of all that commits changed: 16 bytes. */
  readonly sum: Uint8Array;
}

class Player {
  readonly #graph: ReplayGraph;
  readonly #vertices: readonly Vertex[];
  /** By vertex that takes something of the context; several for the mounts of a RUN. */
  readonly #takers = new Map<number, readonly Taker[]>();
  readonly #seen = new Set<Digest>();
  readonly #rebuilt = new Map<number, number>();
  readonly #costs: number[] = [];

  constructor(graph: ReplayGraph, ignore: Ignore | undefined) {
    this.#graph = graph;
    const needed = reachable(graph.graph, graph.graph.result);
    this.#vertices = graph.graph.vertices.filter(({ id }) => needed.has(id));
    for (const { id, op } of this.#vertices) {
      if (op.kind === "copy" && op.from.kind === "context" && op.from.name === undefined && op.sources.length > 0) {
        this.#takers.set(id, [takerOf(op.sources, op.excludes, ignore)]);
      } else if (op.kind === "run") {
        const mounts = mountSources(op).filter(({ from }) => from.kind === "context" && from.name === undefined);
        const takers = mounts.map(({ source }) => takerOf([source], [], ignore));
        if (takers.length > 0) this.#takers.set(id, takers);
      }
    }
  }

  commit(changes: readonly GitChange[]): void {
    let touched = false;
    for (const change of changes) {
      let bytes: Buffer | undefined;
      for (const takers of this.#takers.values()) {
        for (const { takes, sum } of takers) {
          if (!takes(change.path)) continue;
          bytes ??= weight(change);
          for (let at = 0; at < sum.length; at += 1) sum[at] = (sum[at] ?? 0) ^ (bytes[at] ?? 0);
          touched = true;
        }
      }
    }
    const done = touched ? this.build() : [];
    let cost = 0;
    for (const id of done) {
      this.#rebuilt.set(id, (this.#rebuilt.get(id) ?? 0) + 1);
      cost += this.#graph.durations.get(id) ?? 0;
    }
    this.#costs.push(cost);
  }

  /** Steps whose keys were never seen. */
  build(): number[] {
    const keys = new Map<number, Digest>();
    const done: number[] = [];
    for (const vertex of this.#vertices) {
      const inputs = inputsOf(vertex.op).map((id) => keys.get(id) ?? digestOf(String(id)));
      const key = vertexKey(vertex, inputs, this.#contentOf(vertex, inputs));
      keys.set(vertex.id, key);
      if (this.#seen.has(key)) continue;
      this.#seen.add(key);
      done.push(vertex.id);
    }
    return done;
  }

  #contentOf({ id, op }: Vertex, inputs: readonly Digest[]): Digest | undefined {
    const sums = (this.#takers.get(id) ?? []).map(({ sum }) => digestOf(Buffer.from(sum).toString("hex")));
    if (op.kind === "run") return sums.length > 0 ? mountsContent([...sums, ...inputs.slice(1)]) : undefined;
    if (op.kind !== "copy") return undefined;
    if (sums[0]) return sums[0];
    // Of another context or an address: as if it never changed. Of a stage: by the stage.
    return op.from.kind === "context" ? digestOf("elsewhere") : inputs[1];
  }

  result(): ReplayedVariant {
    const { id, durations } = this.#graph;
    const steps = this.#vertices.map((vertex): ReplayedStep => {
      const durationMs = durations.get(vertex.id);
      return {
        line: vertex.range.start.line + 1,
        stage: vertex.stage,
        instruction: vertex.text,
        rebuilt: this.#rebuilt.get(vertex.id) ?? 0,
        ...(durationMs === undefined ? {} : { durationMs }),
      };
    });
    return {
      id,
      steps,
      costMs: this.#costs,
      totalMs: this.#costs.reduce((sum, cost) => sum + cost, 0),
      unmeasured: steps.filter(({ rebuilt, durationMs }) => rebuilt > 0 && durationMs === undefined).length,
    };
  }
}

function takerOf(sources: readonly string[], excludes: readonly string[], ignore: Ignore | undefined): Taker {
  const takes = selectorOf(sources, excludes, ignore);
  const known = new Map<string, boolean>();
  return {
    takes(path) {
      let answer = known.get(path);
      if (answer === undefined) {
        answer = takes(path);
        known.set(path, answer);
      }
      return answer;
    },
    sum: new Uint8Array(16),
  };
}

/** What a change adds to the sum: taken back by the change that undoes it. */
function weight({ path: file, before, after }: GitChange): Buffer {
  const one = (state: string) =>
    state === "" ? Buffer.alloc(16) : createHash("sha256").update(`${file}\0${state}`).digest().subarray(0, 16);
  const [from, to] = [one(before), one(after)];
  return Buffer.from(from.map((byte, at) => byte ^ (to[at] ?? 0)));
}
