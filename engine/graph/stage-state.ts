import type { Range } from "../base/ranges.ts";
import { type ExpandError, expandWord, expandWords, variablesIn } from "../dockerfile/expand.ts";
import type { Dockerfile, Instruction, Problem } from "../dockerfile/model.ts";
import { samePlatform } from "../oci/platform.ts";
import type { ImageConfig, Platform } from "../oci/types.ts";
import { type ConfigDraft, copyDraft, draftOf } from "./config.ts";
import type { Op, PlannedHistory, Variable, Vertex } from "./graph.ts";
import type { Plan, StagePlan, Step } from "./plan.ts";
import { expansionFailed } from "./problems.ts";
import type { RunRequest } from "./run.ts";

const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const none: ReadonlySet<string> = new Set();
const comment = "buildkit.dockerfile.v0";

/** What all stages of one lowering share. */
export interface Shared {
  readonly dockerfile: Dockerfile;
  readonly plan: Plan;
  readonly run: RunRequest;
  /** The machine's platform. */
  readonly host: Platform;
  readonly newestMs: number | undefined;
  readonly vertices: Vertex[];
  readonly problems: Problem[];
  /** Results by stage index. */
  readonly stages: Map<number, StageState>;
  /** The vertex of an image by its key, or of `scratch`. */
  readonly roots: Map<string, number>;
}

interface Environment {
  readonly variables: readonly Variable[];
  readonly env: readonly string[];
}

/** A stage while its instructions are carried out one after another. */
export class StageState {
  readonly shared: Shared;
  readonly plan: StagePlan;
  /** Whose file system the next instruction works on. */
  vertex: number;
  readonly config: ConfigDraft;
  /** What commands see and words expand to: ENV and ARG in one namespace, the later instruction wins. */
  readonly variables: Map<string, string>;
  /** Those whose value comes from ARG. */
  readonly #arguments: Set<string>;
  #seen: Environment | undefined;
  /** ARG as declared so far, for the history of RUN. */
  readonly declaredArgs: Map<string, string | undefined>;
  readonly history: PlannedHistory[];
  platform: Platform;
  author: string | undefined;
  /** True once this stage itself has a CMD: then ENTRYPOINT keeps it. */
  hasOwnCmd = false;

  /** Starts from another stage, from an image, or from nothing. */
  constructor(shared: Shared, plan: StagePlan, vertex: number, base: StageState | ImageConfig | undefined) {
    this.shared = shared;
    this.plan = plan;
    this.vertex = vertex;
    if (base instanceof StageState) {
      this.config = copyDraft(base.config);
      this.variables = new Map(base.variables);
      this.#arguments = new Set(base.#arguments);
      this.declaredArgs = new Map(base.declaredArgs);
      this.history = [...base.history];
      this.platform = base.platform;
      this.author = base.author;
    } else {
      this.config = draftOf(base?.config ?? { WorkingDir: "/" });
      if (!this.config.env.has("PATH")) this.config.env.set("PATH", defaultPath);
      this.variables = new Map(this.config.env);
      this.#arguments = new Set();
      this.declaredArgs = new Map();
      this.history = (base?.history ?? []).map((entry) => ({
        createdBy: entry.created_by ?? "",
        comment: entry.comment ?? "",
        base: entry,
        ...(entry.empty_layer ? {} : { vertex }),
      }));
      this.platform = base === undefined ? plan.platform : platformOf(base);
      this.author = base?.author;
    }
    // Triggers of the base run in this stage and end with it.
    this.config.onBuild.length = 0;
  }

  addVertex(op: Op, step: Step): number {
    const { instruction } = step;
    const id = this.shared.vertices.length;
    const variables = this.#variablesOf(instruction);
    this.shared.vertices.push({
      id,
      op,
      text: describe(instruction),
      keyword: instruction.keyword,
      range: step.at ?? instruction.range,
      stage: this.plan.name,
      ...(op.kind === "run" && !samePlatform(this.platform, this.shared.host) ? { platform: this.platform } : {}),
      ...(this.shared.newestMs === undefined ? {} : { newestMs: this.shared.newestMs }),
      ...(variables.length === 0 ? {} : { variables }),
    });
    return id;
  }

  #variablesOf({ keyword, rest, flags, heredocs }: Instruction): readonly Variable[] {
    if (keyword === "RUN") return this.#environment().variables;
    const named = this.#namesIn([rest, ...flags.flatMap(({ rawValue }) => rawValue ?? [])], heredocs);
    return named.size === 0 ? [] : this.#environment().variables.filter(({ name }) => named.has(name));
  }

  /** `NAME=value` in the order of their first setting, as commands see them. */
  get env(): readonly string[] {
    return this.#environment().env;
  }

  /** Steps between two settings share it. */
  #environment(): Environment {
    if (!this.#seen) {
      const variables = [...this.variables].map(([name, value]): Variable => {
        return { name, value, keyword: this.#arguments.has(name) ? "ARG" : "ENV" };
      });
      this.#seen = { variables, env: variables.map(({ name, value }) => `${name}=${value}`) };
    }
    return this.#seen;
  }

  #namesIn(texts: readonly { readonly text: string }[], heredocs: Instruction["heredocs"]): ReadonlySet<string> {
    const all = [...texts.map(({ text }) => text), ...heredocs.map(({ content }) => content)];
    if (!all.some((text) => text.includes("$"))) return none;
    const options = { escape: this.shared.dockerfile.escape };
    const uses = all.filter((text) => text.includes("$")).flatMap((text) => variablesIn(text, options));
    return new Set(uses.map(({ name }) => name));
  }

  /** Makes `op` the stage's file system, with its line in the history. */
  commitLayer(op: Op, step: Step, createdBy: string): void {
    this.vertex = this.addVertex(op, step);
    this.history.push({ createdBy, comment, vertex: this.vertex });
  }

  commitEmpty(createdBy: string): void {
    this.history.push({ createdBy, comment });
  }

  setVariable(name: string, value: string): void {
    this.config.env.set(name, value);
    this.variables.set(name, value);
    this.#seen = undefined;
    this.#arguments.delete(name);
  }

  setArgument(name: string, value: string): void {
    this.variables.set(name, value);
    this.#seen = undefined;
    this.#arguments.add(name);
  }

  report(problem: Problem): void {
    this.shared.problems.push(problem);
  }

  /** `undefined` when it failed, which is then reported. */
  expand(text: string, range: Range): string | undefined {
    const result = expandWord(text, this.variables, { escape: this.shared.dockerfile.escape });
    return "text" in result ? result.text : this.failed(result, range);
  }

  expandToWords(text: string, range: Range): readonly string[] | undefined {
    const result = expandWords(text, this.variables, { escape: this.shared.dockerfile.escape });
    return "words" in result ? result.words : this.failed(result, range);
  }

  /** A heredoc's body: quotes are ordinary there, and the escape character is always `\`. */
  expandBody(text: string, range: Range): string | undefined {
    const result = expandWord(text, this.variables, { quotes: false });
    return "text" in result ? result.text : this.failed(result, range);
  }

  /** The command as the current SHELL runs it. */
  withShell(command: string): string[] {
    return [...(this.config.shell ?? ["/bin/sh", "-c"]), command];
  }

  private failed(result: ExpandError, range: Range): undefined {
    this.report(expansionFailed(range, result.error));
    return undefined;
  }
}

/** The instruction on one line, as it is shown beside its progress. */
export function describe({ keyword, flags, rest }: Instruction): string {
  const words = flags.map(({ name, rawValue }) =>
    rawValue === undefined ? `--${name}` : `--${name}=${rawValue.text}`,
  );
  return [keyword, ...words, rest.text.replace(/\s+/g, " ")].join(" ");
}

function platformOf({ os, architecture, variant }: ImageConfig): Platform {
  return { os, architecture, ...(variant === undefined || variant === "" ? {} : { variant }) };
}
