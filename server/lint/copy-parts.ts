import type { Range } from "../../engine/base/ranges.ts";
import type { Instruction } from "../../engine/dockerfile/model.ts";
import type { ProjectView } from "./views.ts";

export interface CopyPart {
  /** Without quotes; variables are left in. */
  readonly text: string;
  readonly range: Range;
}

/** What a COPY or ADD takes and where it goes, each with its place. Inline files (`<<EOF`) are sources too. */
export interface CopyParts {
  readonly sources: readonly CopyPart[];
  readonly destination: CopyPart;
  /** As written behind `--from=`: then nothing comes from the context. */
  readonly from?: string;
  readonly isJson: boolean;
}

/** Undefined for what is no COPY or ADD, or a mistaken one. */
export function copyParts({ keyword, flags, json, words }: Instruction): CopyParts | undefined {
  if (keyword !== "COPY" && keyword !== "ADD") return undefined;
  const parts: readonly CopyPart[] = json
    ? json.map(({ value, range }) => ({ text: value, range }))
    : words.map(({ text, range }) => ({ text: text.replace(/^(["'])(.*)\1$/, "$2"), range }));
  const destination = parts.at(-1);
  if (!destination || parts.length < 2) return undefined;
  const from = flags.find(({ name }) => name === "from")?.value;
  return {
    sources: parts.slice(0, -1),
    destination,
    isJson: json !== undefined,
    ...(from !== undefined && { from }),
  };
}

/** Sources that are files of the build context: no URLs, no inline files, nothing from other stages. */
export function contextSources(instruction: Instruction): readonly CopyPart[] {
  const sources = known.get(instruction) ?? readSources(instruction);
  known.set(instruction, sources);
  return sources;
}

/** Rules about the whole file ask for all of them after every key. */
const known = new WeakMap<Instruction, readonly CopyPart[]>();

function readSources(instruction: Instruction): readonly CopyPart[] {
  const parts = copyParts(instruction);
  if (!parts || parts.from !== undefined) return [];
  return parts.sources.filter(({ text }) => !text.startsWith("<<") && !isRemote(text));
}

export function isRemote(source: string): boolean {
  return /^(?:[a-z][a-z+.-]*:\/\/|git@)/i.test(source) || isGit(source);
}

/** What ADD clones. */
function isGit(source: string): boolean {
  return /^github\.com\/[^/]+\/[^/]+/.test(source) || /^[\w.-]+@[\w.-]+:.+/.test(source);
}

/** Names of what ADD unpacks; it looks at the content, so that in doubt this is true. */
export function isArchive(source: string): boolean {
  return /\.(?:tar|tar\.\w+|gz|bz2|xz|zst|lz|lzma|Z|t(?:gz|az|b2|bz2?|xz|lz|zst|Z))$/.test(source);
}

/** The whole context: `.`, `./`, `/`, `*`. */
export function isWholeContext(source: string): boolean {
  return /^(?:\.\/*|\/+|\/?\.\/|(?:\.?\/)?\*)$/.test(source);
}

/** A path below the context as the builder reads it: `..` and `/` stop at its root. */
export function contextPath(source: string): string {
  const parts: string[] = [];
  for (const part of source.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}

/** `COPY services/api/package.json` in services/api/Dockerfile: the context is a folder above. */
export function isBuiltFromAbove({ text }: CopyPart, { folder = "" }: ProjectView): boolean {
  const [first, ...more] = contextPath(text).split("/");
  return (
    more.length > 0 &&
    folder
      .split(/[\\/]/)
      .slice(-4)
      .some((name) => name === first)
  );
}
