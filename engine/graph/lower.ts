import type { Range } from "../base/ranges.ts";
import type { Dockerfile, Flag, Instruction, Problem } from "../dockerfile/model.ts";
import type { ImageConfig } from "../oci/types.ts";
import { finishDraft } from "./config.ts";
import { copyFiles } from "./copy.ts";
import type { BaseImage, BuildGraph, CopyFrom, Op } from "./graph.ts";
import { changeDirectory, metadataInstructions } from "./metadata.ts";
import { type BaseReference, type PlanOptions, plan, type Source, type StagePlan, type Step } from "./plan.ts";
import * as problem from "./problems.ts";
import { type RunRequest, runCommand } from "./run.ts";
import { type Shared, StageState } from "./stage-state.ts";

export interface LowerOptions extends PlanOptions {
  /** By `BaseReference.key`. */
  readonly images: ReadonlyMap<string, BaseImage>;
  /** Set last; they win over LABEL. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly run?: RunRequest;
}

/**
 * The images that the target needs. With `images`, also those that their ONBUILD triggers need: fetch and ask again until
 * nothing new comes.
 */
export function basesOf(
  dockerfile: Dockerfile,
  options: PlanOptions & { readonly images?: ReadonlyMap<string, BaseImage> },
): { readonly references: readonly BaseReference[]; readonly problems: readonly Problem[] } {
  const { references, problems } = plan(dockerfile, options, options.images);
  return { references, problems: [...fatalOf(dockerfile), ...problems] };
}

/** What a build has to do, or why it cannot. All problems are found, not only the first. */
export function lower(
  dockerfile: Dockerfile,
  options: LowerOptions,
): { readonly graph: BuildGraph } | { readonly problems: readonly Problem[] } {
  const planned = plan(dockerfile, options, options.images);
  const problems = [...fatalOf(dockerfile), ...planned.problems];
  for (const { key, name, range } of planned.references) {
    if (!options.images.has(key)) problems.push(problem.imageMissing(range, name));
  }
  const newestMs = readEpoch(options.buildArgs?.SOURCE_DATE_EPOCH);
  if (newestMs === "bad")
    problems.push(problem.badEpoch(topOf(dockerfile), options.buildArgs?.SOURCE_DATE_EPOCH ?? ""));
  if (problems.length > 0 || newestMs === "bad") return { problems };

  const { run = {}, buildPlatform = options.platform } = options;
  const shared: Shared = {
    dockerfile,
    plan: planned,
    run,
    host: buildPlatform,
    newestMs,
    vertices: [],
    problems,
    stages: new Map(),
    roots: new Map(),
  };
  for (const stagePlan of planned.stages)
    shared.stages.set(stagePlan.stage.index, lowerStage(shared, stagePlan, options));
  const result = planned.result && shared.stages.get(planned.result.stage.index);
  if (result === undefined || problems.length > 0) return { problems };

  for (const [name, value] of Object.entries(options.labels ?? {})) result.config.labels.set(name, value);
  const graph: BuildGraph = {
    vertices: shared.vertices,
    result: result.vertex,
    config: finishDraft(result.config),
    platform: result.platform,
    ...(newestMs === undefined ? {} : { newestMs }),
    history: result.history,
    ...(result.author === undefined ? {} : { author: result.author }),
  };
  return { graph };
}

function lowerStage(shared: Shared, stagePlan: StagePlan, { images }: LowerOptions): StageState {
  const { base, stage, steps, sources, mountSources } = stagePlan;
  const root = new Roots(shared, stagePlan, images);
  const before = base.kind === "stage" ? shared.stages.get(base.index) : undefined;
  const vertex = before?.vertex ?? root.of(base, stage.from.range, stage.from, "FROM");
  const state = new StageState(shared, stagePlan, vertex, before ?? root.config(base));
  for (const step of steps) {
    const { instruction } = step;
    const { keyword } = instruction;
    const metadata = Object.hasOwn(metadataInstructions, keyword) ? metadataInstructions[keyword] : undefined;
    if (metadata !== undefined) metadata(state, step);
    else if (keyword === "WORKDIR") changeDirectory(state, step);
    else if (keyword === "RUN") runCommand(state, step, (flag) => root.mountFrom(mountSources.get(flag), flag, step));
    else if (keyword === "COPY" || keyword === "ADD") {
      copyFiles(state, step, root.copyFrom(sources.get(instruction), step));
    }
  }
  return state;
}

/** Where file systems begin: images and the empty one, each made once and shared by all who use it. */
class Roots {
  private readonly shared: Shared;
  private readonly stagePlan: StagePlan;
  private readonly images: ReadonlyMap<string, BaseImage>;

  constructor(shared: Shared, stagePlan: StagePlan, images: ReadonlyMap<string, BaseImage>) {
    this.shared = shared;
    this.stagePlan = stagePlan;
    this.images = images;
  }

  config(base: Source): ImageConfig | undefined {
    return base.kind === "image" ? this.images.get(base.key)?.config : undefined;
  }

  copyFrom(source: Source | undefined, { instruction, at }: Step): CopyFrom {
    if (source === undefined) return { kind: "context" };
    const flag = instruction.flags.find(({ name }) => name === "from");
    return this.from(source, at ?? flag?.valueRange ?? instruction.range, instruction);
  }

  /** Undefined when a mount names no source. */
  mountFrom(source: Source | undefined, flag: Flag, { instruction, at }: Step): CopyFrom | undefined {
    return source && this.from(source, at ?? flag.valueRange ?? flag.range, instruction);
  }

  private from(source: Source, range: Range, instruction: Instruction): CopyFrom {
    if (source.kind === "context") return { kind: "context", name: source.name };
    const stage = source.kind === "stage" ? this.shared.stages.get(source.index) : undefined;
    return { kind: "vertex", vertex: stage?.vertex ?? this.of(source, range, instruction, "FROM") };
  }

  of(source: Source, range: Range, instruction: Instruction, keyword: string): number {
    if (source.kind === "context") return this.ofContext(source.name, range, instruction);
    const image = source.kind === "image" ? this.images.get(source.key) : undefined;
    const diffIds = image?.config.rootfs.diff_ids ?? [];
    const name = source.kind === "image" ? source.name : "scratch";
    // An image without layers is an empty file system with a config.
    const key = source.kind === "image" && diffIds.length > 0 ? source.key : "";
    const known = this.shared.roots.get(key);
    if (known !== undefined) return known;
    const op: Op =
      image !== undefined && diffIds.length > 0
        ? { kind: "image", name, imageId: image.id, diffIds }
        : { kind: "scratch" };
    const id = this.shared.vertices.length;
    const alias = instruction.keyword === "FROM" ? instruction.rest.text.replace(/^\S+\s*/, " ").trimEnd() : "";
    this.shared.vertices.push({ id, op, text: `FROM ${name}${alias}`, keyword, range, stage: this.stagePlan.name });
    this.shared.roots.set(key, id);
    return id;
  }

  /** FROM a named context that is files: these files and nothing else. */
  private ofContext(name: string, range: Range, instruction: Instruction): number {
    const key = `context ${name}`;
    const known = this.shared.roots.get(key);
    if (known !== undefined) return known;
    const op = contextOp(this.of({ kind: "scratch" }, range, instruction, "FROM"), name);
    const id = this.shared.vertices.length;
    const stage = this.stagePlan.name;
    const { newestMs } = this.shared;
    const dated = newestMs === undefined ? {} : { newestMs };
    this.shared.vertices.push({ id, op, text: `FROM ${name}`, keyword: "FROM", range, stage, ...dated });
    this.shared.roots.set(key, id);
    return id;
  }
}

function contextOp(parent: number, name: string): Op {
  return {
    kind: "copy",
    parent,
    from: { kind: "context", name },
    sources: ["/"],
    inline: [],
    destination: "/",
    link: false,
    parents: false,
    excludes: [],
  };
}

/** reproducible-builds.org: seconds since 1970. Empty is not given. */
function readEpoch(text: string | undefined): number | undefined | "bad" {
  if (text === undefined || text === "") return undefined;
  return /^\d{1,11}$/.test(text) ? Number(text) * 1000 : "bad";
}

function topOf({ stages }: Dockerfile): Range {
  return stages[0]?.from.range ?? { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
}

function fatalOf(dockerfile: Dockerfile): Problem[] {
  return dockerfile.problems.filter(({ fatal }) => fatal);
}
