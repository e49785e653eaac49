import { statSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { DocumentLink } from "vscode-languageserver";
import { type Instruction, mountKeys, readMountFields } from "../../engine/analysis.ts";
import type { Range } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";
import { type CopyPart, contextPath, contextSources } from "../lint/copy-parts.ts";
import type { StageView } from "../lint/views.ts";
import { imagePage } from "./image-pages.ts";

/** Of a build's files so many are looked for: each one is a question to the disk. */
const mostFiles = 500;

/** Images lead to their page, sources to their file, addresses to where they say. */
export function links(analysis: Analysis): DocumentLink[] {
  const { dockerfile, views, project } = analysis;
  const found: DocumentLink[] = [];
  const add = (range: Range, target: string | undefined) => {
    if (target !== undefined) found.push({ range, target });
  };
  for (const { name, value, valueRange } of dockerfile.directives) {
    if (name === "syntax") add(valueRange, imagePage(value));
  }
  for (const { text, range } of dockerfile.comments) {
    for (const { start, end, target } of addressesIn(text)) {
      const at = (offset: number) => ({ line: range.start.line, character: range.start.character + offset });
      found.push({ range: { start: at(start), end: at(end) }, target });
    }
  }
  for (const view of views.stages) add(...ofBase(view));
  let files = 0;
  for (const instruction of dockerfile.instructions) {
    const own = ownLinks(instruction);
    const { line } = instruction.range.start;
    for (const link of own.links) found.push(moved(link, line));
    if (project.folder === undefined || files >= mostFiles) continue;
    files += own.files.length;
    for (const { name, range } of own.files) {
      const file = path.join(project.folder, name);
      if (isFile(file)) found.push(moved({ range, target: pathToFileURL(file).href }, line));
    }
  }
  return found;
}

function ofBase({ base, stage }: StageView): [Range, string | undefined] {
  const range = stage.from.words[0]?.range ?? stage.from.range;
  const { resolved } = base;
  return [range, base.kind === "image" && resolved !== undefined ? imagePage(resolved) : undefined];
}

/** What follows from an instruction alone; lines are counted from its first one. */
interface OwnLinks {
  readonly links: readonly DocumentLink[];
  /** Sources that may be files of the context. */
  readonly files: readonly { readonly name: string; readonly range: Range }[];
}

const known = new WeakMap<object, OwnLinks>();
const nothing: OwnLinks = { links: [], files: [] };

function ownLinks(instruction: Instruction): OwnLinks {
  const kept = known.get(instruction.content);
  if (kept) return kept;
  const lines = -instruction.range.start.line;
  const inner = instruction.trigger ?? instruction;
  const links = readLinks(inner).map((link) => moved(link, lines));
  const files = [...contextSources(inner), ...mountSources(inner)].flatMap(({ text, range }) => {
    const name = contextPath(text);
    return name === "" || /[*?[$\\]/.test(name) ? [] : [{ name, range: moved({ range }, lines).range }];
  });
  const own = links.length + files.length > 0 ? { links, files } : nothing;
  known.set(instruction.content, own);
  return own;
}

function readLinks({ keyword, rest, heredocs, flags }: Instruction): DocumentLink[] {
  const found = [rest, ...heredocs.map(({ body }) => body)].flatMap((mapped) =>
    addressesIn(mapped.text).map(({ start, end, target }) => ({ range: mapped.rangeOf(start, end), target })),
  );
  for (const flag of keyword === "COPY" || keyword === "RUN" ? flags : []) {
    const from =
      flag.name === "from"
        ? { text: flag.value ?? "", range: flag.valueRange }
        : flag.name === "mount"
          ? fromOf(flag)
          : undefined;
    // A word without a tag or a folder is a stage, as a rule.
    const target = from?.range && /[/:]/.test(from.text) && !from.text.includes("$") ? imagePage(from.text) : undefined;
    if (from?.range && target !== undefined) found.push({ range: from.range, target });
  }
  return found;
}

function fromOf(flag: Instruction["flags"][number]) {
  const field = readMountFields(flag).fields.find(({ key }) => key === "from");
  return field && { text: field.value ?? "", range: field.valueRange };
}

/** What a bind mount takes from the context. */
function mountSources({ keyword, flags }: Instruction): readonly CopyPart[] {
  const mounts = keyword === "RUN" ? flags.filter(({ name }) => name === "mount") : [];
  return mounts.flatMap((flag) => {
    const { fields } = readMountFields(flag);
    const said = (key: string) => fields.findLast((field) => field.key === key)?.value;
    const isBind = (said("type") ?? "bind") === "bind";
    if (!isBind || said("from") !== undefined) return [];
    return fields.flatMap(({ key, value, valueRange: range }) =>
      mountKeys[key] === "source" && value !== undefined ? [{ text: value, range }] : [],
    );
  });
}

const address = /https?:\/\/[^\s"'`<>|;\\^{}[\]]+/g;

/** What has a variable in it leads nowhere. */
function addressesIn(text: string): readonly { start: number; end: number; target: string }[] {
  if (!text.includes("://")) return [];
  return [...text.matchAll(address)].flatMap((match) => {
    const behind = text[match.index + match[0].length];
    const target = match[0].replace(/[.,:!?)&]+$/, (end) => (match[0].includes("(") && end === ")" ? end : ""));
    if (target.includes("$") || behind === "{" || !URL.canParse(target)) return [];
    return [{ start: match.index, end: match.index + target.length, target }];
  });
}

/** A folder cannot be opened. */
function isFile(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch {
    return false;
  }
}

function moved({ range: { start, end }, target }: DocumentLink, lines: number): DocumentLink {
  const range = {
    start: { line: start.line + lines, character: start.character },
    end: { line: end.line + lines, character: end.character },
  };
  return { range, ...(target !== undefined && { target }) };
}
