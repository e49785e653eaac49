import type { FileChange, MissCause } from "../base/build-events.ts";
import type { Digest } from "../base/digest.ts";
import { withoutCredentials } from "../graph/add.ts";
import type { Vertex } from "../graph/graph.ts";
import { mountSources } from "../graph/inputs.ts";
import { changedWords } from "./changed-words.ts";
import { changedFacts, type Fact } from "./facts.ts";

/** What a build remembers of one of its steps, so that a later one can say what is different. */
export interface StepTrace {
  readonly stage: string;
  readonly text: string;
  /** How many steps of the stage come before it. */
  readonly place: number;
  readonly key: Digest;
  /** Of what the step builds on; absent for FROM. */
  readonly parentKey?: Digest;
  /** Of what it takes. */
  readonly content?: Digest;
  /** Records of older versions have none. */
  readonly facts?: readonly Fact[];
}

/** The step below: a base image or the empty file system, or another step. */
export type Parent =
  | { readonly kind: "base"; readonly name: string; readonly was?: string | undefined }
  | { readonly kind: "step"; readonly step: number | undefined };

/**
 * The step of an earlier build that this one was. The same words in the same stage; among equal ones the nearest; else
 * the same instruction that stood in its place, if those words are gone from the stage.
 */
export function stepBefore<T extends StepTrace>(
  now: Omit<StepTrace, "key">,
  before: readonly T[],
  textsOfStage: ReadonlySet<string>,
): T | undefined {
  const stage = before.filter((step) => step.stage === now.stage);
  const same = stage.filter((step) => step.text === now.text);
  const nearest = same.toSorted((a, b) => Math.abs(a.place - now.place) - Math.abs(b.place - now.place))[0];
  if (nearest) return nearest;
  const keyword = keywordOf(now.text);
  return stage.find(
    (step) => step.place === now.place && keywordOf(step.text) === keyword && !textsOfStage.has(step.text),
  );
}

function keywordOf(text: string): string {
  return (/^\s*\w+/.exec(text)?.[0] ?? "").trim().toUpperCase();
}

export interface Missed {
  readonly now: StepTrace;
  readonly before: StepTrace | undefined;
  readonly noCache: boolean;
  readonly parent: Parent | undefined;
  /** Undefined when what was taken before is not known file by file. */
  readonly files?: readonly FileChange[] | undefined;
  /** What it takes is of the build's own context. */
  readonly fromContext: boolean;
  readonly vertex?: Vertex;
}

const mostFiles = 20;

export function whyMissed(missed: Missed): MissCause {
  const { now, before, noCache, parent, files, fromContext, vertex } = missed;
  if (noCache) return { kind: "no-cache" };
  if (!before) return { kind: "never-built" };
  if (before.key === now.key) return { kind: "pruned" };
  if (before.parentKey !== now.parentKey && parent) {
    if (parent.kind === "step")
      return { kind: "parent-rebuilt", ...(parent.step === undefined ? {} : { step: parent.step }) };
    const { name, was } = parent;
    return { kind: "base-moved", name, ...(was === undefined || was === name ? {} : { was }) };
  }
  if (before.text !== now.text)
    return { kind: "instruction-changed", was: before.text, changes: changedWords(before.text, now.text) };
  if (before.content !== now.content) {
    const from = vertex && sourceOf(vertex);
    if (!fromContext || (from !== undefined && !files?.length))
      return { kind: "source-changed", ...(from === undefined ? {} : { from }) };
    const all = files ?? [];
    return { kind: "files-changed", files: all.slice(0, mostFiles), more: Math.max(0, all.length - mostFiles) };
  }
  return otherwise(before, vertex);
}

/** The same words and the same files. */
function otherwise({ facts, key, text }: StepTrace, vertex: Vertex | undefined): MissCause {
  const changes = vertex && Array.isArray(facts) ? changedFacts(facts, key, vertex) : [];
  if (changes.length === 0) return { kind: "environment-changed" };
  const isWritten = changes.some(({ part }) => part === "heredoc" || part === "blanks");
  return isWritten ? { kind: "instruction-changed", was: text, changes } : { kind: "environment-changed", changes };
}

/** The stage, image, address or mounted folder that a step takes something from, as it is written. */
function sourceOf({ op, text }: Vertex): string | undefined {
  const written = /(?:--|[,=])from=([^\s,]+)/.exec(text)?.[1];
  if (written !== undefined) return written;
  if (op.kind === "run") return mountSources(op).find(({ from }) => from.kind === "context")?.source;
  const [remote] = op.kind === "copy" ? (op.remotes ?? []) : [];
  return remote && withoutCredentials(remote.url);
}

/** What a COPY took: one line a file, `path<tab>mode type-and-content`; always in the same order. Names with a tab or a line end are left out. */
export type Listing = string;

/** Sorted by path. Looks closely only at lines that are not in both. */
export function changesBetween(before: Listing, now: Listing): readonly FileChange[] {
  const [start, end] = sameEnds(before, now);
  const old = linesOf(before.slice(start, before.length - end));
  const fresh = linesOf(now.slice(start, now.length - end));
  const gone = new Map([...old].filter((line) => !fresh.has(line)).map(fieldsOf));
  const come = new Map([...fresh].filter((line) => !old.has(line)).map(fieldsOf));
  const changes: FileChange[] = [];
  for (const [path, value] of come) {
    const was = gone.get(path);
    if (was === undefined) changes.push({ path, change: "added" });
    else changes.push({ path, change: afterMode(was) === afterMode(value) ? "mode" : "content" });
  }
  for (const path of gone.keys()) if (!come.has(path)) changes.push({ path, change: "removed" });
  const folders = new Set(changes.map(({ path }) => path.slice(0, path.lastIndexOf("/"))));
  // A folder that comes or goes with its files is told by them.
  return changes
    .filter(({ path, change }) => !folders.has(path) || (change !== "added" && change !== "removed"))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** How many characters of whole lines are the same at the beginning and at the end: as a rule nearly all. */
function sameEnds(one: string, other: string): readonly [start: number, end: number] {
  const most = Math.min(one.length, other.length);
  let start = 0;
  while (start < most && one.charCodeAt(start) === other.charCodeAt(start)) start += 1;
  start = one.lastIndexOf("\n", start - 1) + 1;
  let end = 0;
  while (end < most - start && one.charCodeAt(one.length - 1 - end) === other.charCodeAt(other.length - 1 - end))
    end += 1;
  // The line in which they differ is not the same from its middle on.
  const line = one.indexOf("\n", one.length - end);
  return [start, line < 0 ? 0 : one.length - 1 - line];
}

function linesOf(listing: Listing): ReadonlySet<string> {
  return new Set(listing.split("\n").filter((line) => line !== ""));
}

function fieldsOf(line: string): [path: string, value: string] {
  const tab = line.indexOf("\t");
  return [line.slice(0, tab), line.slice(tab + 1)];
}

function afterMode(value: string): string {
  return value.slice(value.indexOf(" "));
}
