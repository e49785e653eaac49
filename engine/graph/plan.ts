import type { Range } from "../base/ranges.ts";
import { expandWord } from "../dockerfile/expand.ts";
import type { Dockerfile, Flag, Instruction, MappedText, Problem, Stage } from "../dockerfile/model.ts";
import { readPairs } from "../dockerfile/pairs.ts";
import { parse } from "../dockerfile/parse.ts";
import { splitAtBlanks } from "../dockerfile/words.ts";
import { formatPlatform, parsePlatform, samePlatform } from "../oci/platform.ts";
import { tryParseReference } from "../oci/reference.ts";
import type { Platform } from "../oci/types.ts";
import { automaticArguments } from "./arguments.ts";
import type { BaseImage } from "./graph.ts";
import { mountFrom } from "./mount-fields.ts";
import { contextKey, layoutScheme, type NamedContexts } from "./named-contexts.ts";
import * as problem from "./problems.ts";

export interface PlanOptions {
  /** Name of a stage; default the last. */
  readonly target?: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly platform: Platform;
  /** Where the build runs; default `platform`. */
  readonly buildPlatform?: Platform;
  /** They win over stages and images of their names. */
  readonly contexts?: NamedContexts;
}

/** What a stage starts from, or COPY takes from. */
export type Source =
  | { readonly kind: "stage"; readonly index: number }
  | { readonly kind: "image"; readonly key: string; readonly name: string; readonly platform: Platform }
  /** The files of a named context. */
  | { readonly kind: "context"; readonly name: string }
  | { readonly kind: "scratch" };

/** An image that the build needs. */
export interface BaseReference {
  /** Key in `images` for `lower`: the name; with the platform behind it when that is not the build's. */
  readonly key: string;
  /** As written, after expansion. */
  readonly name: string;
  readonly platform: Platform;
  readonly range: Range;
}

/** An instruction to carry out; `at` is set for triggers, which have no place of their own in the file. */
export interface Step {
  readonly instruction: Instruction;
  readonly at?: Range;
}

export interface StagePlan {
  readonly stage: Stage;
  /** `build` or `stage-0`. */
  readonly name: string;
  readonly base: Source;
  readonly platform: Platform;
  /** ONBUILD triggers of the base, then the stage's own instructions. */
  readonly steps: readonly Step[];
  /** Of COPY --from. */
  readonly sources: ReadonlyMap<Instruction, Source>;
  /** Of RUN --mount=from=…, by the flag. */
  readonly mountSources: ReadonlyMap<Flag, Source>;
}

export interface Plan {
  /** Reachable stages; each comes after those it needs. */
  readonly stages: readonly StagePlan[];
  readonly result: StagePlan | undefined;
  readonly references: readonly BaseReference[];
  /** Values before the first FROM, automatic ones included. */
  readonly globals: ReadonlyMap<string, string>;
  readonly buildArgs: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
}

/**
 * Finds what a target needs. Images that are given add their ONBUILD triggers, which may need more stages and images:
 * a caller who fetches images plans again until no new reference comes.
 */
export function plan(
  dockerfile: Dockerfile,
  options: PlanOptions,
  images: ReadonlyMap<string, BaseImage> = new Map(),
): Plan {
  return new Planner(dockerfile, options, images).plan();
}

class Planner {
  private readonly dockerfile: Dockerfile;
  private readonly options: PlanOptions;
  private readonly images: ReadonlyMap<string, BaseImage>;
  private readonly buildArgs: ReadonlyMap<string, string>;
  private readonly problems: Problem[] = [];
  private readonly names = new Map<string, number>();
  private readonly references = new Map<string, BaseReference>();
  private globals: Map<string, string> = new Map();

  constructor(dockerfile: Dockerfile, options: PlanOptions, images: ReadonlyMap<string, BaseImage>) {
    this.dockerfile = dockerfile;
    this.options = options;
    this.images = images;
    this.buildArgs = new Map(Object.entries(options.buildArgs ?? {}));
  }

  plan(): Plan {
    this.globals = this.globalArguments();
    this.checkSyntax();
    const { stages } = this.dockerfile;
    const bases = stages.map((stage) => {
      const base = this.baseOf(stage);
      if (stage.name !== undefined) this.names.set(stage.name.text.toLowerCase(), stage.index);
      return base;
    });
    const target = this.targetIndex();
    const ordered = target === undefined ? [] : this.reach(target, bases);
    return {
      stages: ordered,
      result: ordered.find(({ stage }) => stage.index === target),
      references: [...this.references.values()],
      globals: this.globals,
      buildArgs: this.buildArgs,
      problems: this.problems,
    };
  }

  private globalArguments(): Map<string, string> {
    const { platform, buildPlatform = platform, target } = this.options;
    const values = automaticArguments(platform, buildPlatform, target || "default");
    for (const name of values.keys()) {
      const given = this.buildArgs.get(name);
      if (given !== undefined) values.set(name, given);
    }
    for (const instruction of this.dockerfile.globalArgs) {
      for (const { name, value, valueSpan } of readPairs(instruction).pairs) {
        const given = this.buildArgs.get(name);
        if (given !== undefined) values.set(name, given);
        else if (value !== undefined) {
          const { start = 0, end = 0 } = valueSpan ?? {};
          values.set(
            name,
            this.expand(value, values, () => instruction.rest.rangeOf(start, end)),
          );
        }
      }
    }
    return values;
  }

  /** `replaced`: a named context stands for the whole stage. */
  private baseOf(stage: Stage): { base: Source; platform: Platform; reference?: BaseReference; replaced?: true } {
    const { from } = stage;
    const flag = from.flags.find((candidate) => candidate.name === "platform");
    let { platform } = this.options;
    if (flag?.value) {
      const range = flag.valueRange ?? flag.range;
      const text = this.expand(flag.value, this.globals, () => range);
      const parsed = text === "" ? platform : parsePlatform(text, platform);
      if (parsed === undefined) this.problems.push(problem.badPlatform(range, text));
      else platform = parsed;
    }
    const instead = stage.name && this.fromContext(stage.name.text, platform, stage.name.range);
    if (instead) return { ...instead, platform, replaced: true };
    const [word] = splitAtBlanks(from.rest.text);
    if (word === undefined) return { base: { kind: "scratch" }, platform };
    const range = from.rest.rangeOf(word.start, word.end);
    const written = from.rest.text.slice(word.start, word.end);
    const before = this.problems.length;
    const name = this.expand(written, this.globals, () => range);
    if (this.problems.length > before) return { base: { kind: "scratch" }, platform };
    if (name.trim() === "") {
      this.problems.push(problem.blankImage(range, written));
      return { base: { kind: "scratch" }, platform };
    }
    const index = this.names.get(name.toLowerCase());
    if (index !== undefined) return { base: { kind: "stage", index }, platform };
    return { ...this.imageOrScratch(name, platform, range), platform };
  }

  private imageOrScratch(name: string, platform: Platform, range: Range): { base: Source; reference?: BaseReference } {
    if (name === "scratch") return { base: { kind: "scratch" } };
    return this.fromContext(name, platform, range) ?? this.image(name, platform, range);
  }

  private fromContext(
    name: string,
    platform: Platform,
    range: Range,
  ): { base: Source; reference?: BaseReference } | undefined {
    const { contexts } = this.options;
    const context = contexts && contexts.size > 0 ? contexts.get(contextKey(name)) : undefined;
    if (context === undefined) return undefined;
    return context.kind === "files"
      ? { base: { kind: "context", name: context.name } }
      : this.image(context.name, platform, range);
  }

  private image(name: string, platform: Platform, range: Range): { base: Source; reference: BaseReference } {
    const isOwn = samePlatform(platform, this.options.platform);
    const key = isOwn ? name : `${name} ${formatPlatform(platform)}`;
    return { base: { kind: "image", key, name, platform }, reference: { key, name, platform, range } };
  }

  /** The stages that `target` needs, depth first without recursion: files may chain thousands of stages. */
  private reach(target: number, bases: readonly ReturnType<Planner["baseOf"]>[]): StagePlan[] {
    const done = new Map<number, StagePlan>();
    const open = new Map<number, { plan: StagePlan; needs: number[] }>();
    const stack = [target];
    while (stack.length > 0) {
      const index = stack.at(-1) ?? target;
      const stage = this.dockerfile.stages[index];
      const base = bases[index];
      if (done.has(index) || stage === undefined || base === undefined) {
        stack.pop();
        continue;
      }
      let entry = open.get(index);
      if (entry === undefined) {
        entry = this.stagePlan(stage, base);
        open.set(index, entry);
      }
      const need = entry.needs.find((candidate) => !done.has(candidate));
      if (need === undefined) {
        done.set(index, entry.plan);
        stack.pop();
      } else if (open.has(need)) {
        this.problems.push(problem.circularStages(stage.from.range, nameOf(stage)));
        return [];
      } else stack.push(need);
    }
    // File order wherever needs allow it: a stage may only use a later one through COPY --from.
    return [...done.values()];
  }

  private stagePlan(stage: Stage, own: ReturnType<Planner["baseOf"]>): { plan: StagePlan; needs: number[] } {
    const { base, platform } = own;
    if (own.reference !== undefined) this.refer(own.reference);
    const needs = new Set<number>();
    if (base.kind === "stage") needs.add(base.index);
    const steps: Step[] = own.replaced
      ? []
      : [...this.triggersOf(base, stage), ...stage.instructions.map((instruction) => ({ instruction }))];
    const sources = new Map<Instruction, Source>();
    const mountSources = new Map<Flag, Source>();
    for (const step of steps) {
      const source = this.copySource(step, platform);
      if (source !== undefined) sources.set(step.instruction, source);
      for (const [flag, from] of this.mountSources(step, platform)) mountSources.set(flag, from);
    }
    for (const source of [...sources.values(), ...mountSources.values()]) {
      if (source.kind === "stage") needs.add(source.index);
    }
    const sorted = [...needs].sort((a, b) => a - b);
    return { plan: { stage, name: nameOf(stage), base, platform, steps, sources, mountSources }, needs: sorted };
  }

  private triggersOf(base: Source, stage: Stage): Step[] {
    const texts =
      base.kind === "image"
        ? (this.images.get(base.key)?.config.config?.OnBuild ?? [])
        : base.kind === "stage"
          ? (this.dockerfile.stages[base.index]?.instructions ?? [])
              .filter((instruction) => instruction.keyword === "ONBUILD")
              .map(triggerText)
          : [];
    const at = stage.from.range;
    return texts.flatMap((text) => {
      const directive = this.dockerfile.escape === "`" && base.kind === "stage" ? "# escape=`\n" : "";
      const { stages, problems } = parse(`${directive}FROM scratch\n${text}\n`);
      const [only] = stages;
      const isBad = problems.some(({ fatal }) => fatal) || stages.length !== 1 || only === undefined;
      if (isBad) this.problems.push(problem.badTriggerText(at, text));
      return isBad ? [] : only.instructions.map((instruction) => ({ instruction, at }));
    });
  }

  private copySource({ instruction, at }: Step, platform: Platform): Source | undefined {
    if (instruction.keyword !== "COPY") return undefined;
    const flag = instruction.flags.find(({ name }) => name === "from");
    if (!flag?.value) return undefined;
    const range = at ?? flag.valueRange ?? flag.range;
    if (/^[+-]?\d+$/.test(flag.value)) {
      const index = Number(flag.value);
      if (this.dockerfile.stages[index] !== undefined) return { kind: "stage", index };
      this.problems.push(problem.noSuchStageIndex(range, flag.value));
      return undefined;
    }
    return this.sourceNamed(flag.value, platform, range);
  }

  private mountSources({ instruction, at }: Step, platform: Platform): [Flag, Source][] {
    if (instruction.keyword !== "RUN") return [];
    return instruction.flags.flatMap((flag): [Flag, Source][] => {
      const from = flag.name === "mount" ? mountFrom(flag) : undefined;
      return from === undefined ? [] : [[flag, this.sourceNamed(from.name, platform, at ?? from.range)]];
    });
  }

  /** What `--from=name` and a mount's `from=name` stand for. */
  private sourceNamed(name: string, platform: Platform, range: Range): Source {
    const index = this.names.get(name.toLowerCase());
    if (index !== undefined) return { kind: "stage", index };
    const { base, reference } = this.imageOrScratch(name, platform, range);
    if (reference !== undefined) this.refer(reference);
    return base;
  }

  private refer(reference: BaseReference): void {
    if (this.references.has(reference.key)) return;
    if (!reference.name.startsWith(layoutScheme) && tryParseReference(reference.name) === undefined) {
      this.problems.push(problem.badImageName(reference.range, reference.name));
    } else this.references.set(reference.key, reference);
  }

  private targetIndex(): number | undefined {
    const { target } = this.options;
    const last = this.dockerfile.stages.at(-1);
    if (!target) return last?.index;
    const index = this.names.get(target.toLowerCase());
    if (index === undefined) {
      const place = last?.from.range ?? { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
      this.problems.push(problem.targetNotFound(place, target));
    }
    return index;
  }

  /** There are no frontend images here: the standard ones are built in, others cannot be. */
  private checkSyntax(): void {
    const directive = this.dockerfile.directives.find(({ name }) => name === "syntax");
    // Behind a `#!` line the parser finds no directives, but the reference still looks for this one.
    const [, hidden] = /^\uFEFF?#![^\n]*\n[ \t]*#[ \t]*syntax[ \t]*=[ \t]*(\S+)/i.exec(this.dockerfile.text) ?? [];
    const written = this.buildArgs.get("BUILDKIT_SYNTAX") ?? directive?.value ?? hidden;
    const syntax = written?.split(" ")[0] ?? "";
    const isOurs = /^(?:docker\.io\/)?docker\/dockerfile(?:-upstream)?(?:[:@].*)?$|^dockerfile\.v0$/.test(syntax);
    if (syntax === "" || isOurs) return;
    const top = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
    this.problems.push(problem.foreignSyntax(directive?.valueRange ?? top, syntax));
  }

  private expand(text: string, values: ReadonlyMap<string, string>, range: () => Range): string {
    const result = expandWord(text, values, { escape: this.dockerfile.escape });
    if ("text" in result) return result.text;
    this.problems.push(problem.expansionFailed(range(), result.error));
    return "";
  }
}

/** What ONBUILD stores: the rest of its line, then the heredocs as they were. */
export function triggerText({ rest, trigger }: Instruction): string {
  const heredocs = (trigger?.heredocs ?? []).map(({ content, delimiter }) => `\n${content}${delimiter}`);
  return rest.text + heredocs.join("");
}

function nameOf(stage: Stage): string {
  return stage.name?.text.toLowerCase() ?? `stage-${stage.index}`;
}

/** The place of [start, end) of an instruction's arguments; a trigger's is that of FROM. */
export function placeOf(step: Step, start: number, end: number, text: MappedText = step.instruction.rest): Range {
  return step.at ?? text.rangeOf(start, end);
}
