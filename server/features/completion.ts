import { type CompletionItem, CompletionItemKind } from "vscode-languageserver";
import { type Instruction, instructionForms } from "../../engine/analysis.ts";
import type { Position } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";
import { baseCompletion, baseResolveCompletion } from "../base-language.ts";
import { comparePositions } from "../lint/fixes.ts";
import type { Translate } from "./diagnostics.ts";
import { flagDocs, mountKeys } from "./flag-docs.ts";

/** Starting points that need no look into a registry. */
const images = ["alpine", "debian", "golang", "httpd", "mysql", "nginx", "node", "php", "postgres", "python", "redis"];
const moreImages = ["ruby", "rust", "scratch", "ubuntu", "eclipse-temurin", "busybox"];
const platforms = ["linux/amd64", "linux/arm64", "$BUILDPLATFORM", "$TARGETPLATFORM"];

/** The whole list for the place; the client filters while one types. Keywords and their snippets are the library's. */
export function completion(analysis: Analysis, position: Position, translate: Translate): CompletionItem[] {
  const instruction = analysis.dockerfile.instructions.findLast(
    ({ range }) => comparePositions(range.start, position) <= 0,
  );
  if (!instruction || !isInside(analysis, instruction, position)) return baseCompletion(analysis, position);
  const before = analysis.textOf({ start: instruction.range.start, end: position });
  if (!/\s/.test(before)) return baseCompletion(analysis, position);
  const inner = instruction.trigger ?? instruction;
  return (
    ofVariable(analysis, before, position) ??
    ofFlag(analysis, inner, before, position, translate) ??
    (inner.keyword === "FROM" ? ofFrom(analysis, before, position) : undefined) ??
    ofPath(analysis, inner, before) ??
    baseCompletion(analysis, position)
  );
}

export function resolveCompletion(item: CompletionItem): CompletionItem {
  return item.data === undefined ? item : baseResolveCompletion(item);
}

/** On its lines, or behind its last word on the last of them. */
function isInside({ lines }: Analysis, { range }: Instruction, { line }: Position): boolean {
  if (line <= range.end.line) return true;
  return line === range.end.line + 1 && /[\\`]\s*$/.test(lines[range.end.line] ?? "");
}

function ofVariable(analysis: Analysis, before: string, position: Position): CompletionItem[] | undefined {
  const match = /(?:^|[^\\])\$(\{?)\w*$/.exec(before);
  if (!match) return undefined;
  const { symbols, dockerfile } = analysis;
  const inStage = analysis.stageAt(position.line)?.range.start.line ?? 0;
  const stageNow = analysis.stageAt(position.line);
  const isFrom = stageNow !== undefined && position.line <= stageNow.from.range.end.line;
  const names = symbols.occurrences.filter(
    (one) =>
      one.kind === "variable" &&
      one.isDefinition &&
      comparePositions(one.range.end, position) < 0 &&
      (dockerfile.globalArgs.includes(one.instruction) ? isFrom : !isFrom && one.range.start.line >= inStage),
  );
  const rest = (analysis.lines[position.line] ?? "").slice(position.character);
  const close = match[1] && !rest.startsWith("}") ? "}" : "";
  return unique(names.map(({ name }) => name)).map((label) => ({
    label,
    kind: CompletionItemKind.Variable,
    insertText: `${label}${close}`,
  }));
}

function ofFlag(
  analysis: Analysis,
  instruction: Instruction,
  before: string,
  position: Position,
  translate: Translate,
): CompletionItem[] | undefined {
  const { keyword, flags } = instruction;
  const typed = /\s(--?|--\S+)$/.exec(before)?.[1];
  const word = typed?.replace(/^--?/, "");
  // Flags stand before all arguments.
  if (typed === undefined || word === undefined || /^\S+\s+(?:--\S+\s+)*[^-\s]/.test(before)) return undefined;
  const value = /^([\w-]+)=(.*)$/.exec(word);
  if (value) return flagValues(analysis, keyword, value[1] ?? "", value[2] ?? "", position);
  const forms = instructionForms[keyword]?.flags ?? {};
  const used = flags.filter(({ range }) => comparePositions(range.end, position) < 0).map(({ name }) => name);
  return Object.entries(forms)
    .filter(([name, kind]) => kind === "texts" || !used.includes(name))
    .map(([name, kind]): CompletionItem => {
      const doc = flagDocs[keyword]?.[name];
      const written = kind === "boolean" ? `--${name}` : `--${name}=`;
      return {
        label: written,
        kind: CompletionItemKind.Property,
        textEdit: {
          range: { start: { ...position, character: position.character - typed.length }, end: position },
          newText: written,
        },
        ...(doc && { documentation: translate(doc) }),
      };
    });
}

function flagValues(
  analysis: Analysis,
  keyword: string,
  flag: string,
  typed: string,
  position: Position,
): CompletionItem[] {
  const values = (labels: readonly string[]) => labels.map((label) => ({ label, kind: CompletionItemKind.Value }));
  switch (`${keyword} ${flag}`) {
    case "FROM platform":
      return values(platforms);
    case "COPY from":
      return stageItems(analysis, position);
    case "RUN network":
      return values(["default", "none", "host"]);
    case "RUN security":
      return values(["sandbox", "insecure"]);
    case "RUN mount": {
      const entry = typed.slice(typed.lastIndexOf(",") + 1);
      if (entry.startsWith("type=")) return values(Object.keys(mountKeys));
      if (entry.startsWith("from=")) return stageItems(analysis, position);
      if (entry.startsWith("sharing=")) return values(["shared", "private", "locked"]);
      const type = /(?:^|,)type=(\w+)/.exec(typed)?.[1];
      const keys = type ? (mountKeys[type] ?? []) : ["type"];
      return keys
        .filter((key) => !new RegExp(`(?:^|,)${key}=`).test(typed))
        .map((key) => ({ label: `${key}=`, kind: CompletionItemKind.Property }));
    }
    default:
      return [];
  }
}

function ofFrom(analysis: Analysis, before: string, position: Position): CompletionItem[] {
  const words = before.replace(/^\S+\s+(?:--\S+\s+)*/, "").split(/\s+/);
  if (words.length === 1) {
    const known = [...images, ...moreImages].map((label) => ({ label, kind: CompletionItemKind.Module }));
    return [...stageItems(analysis, position), ...known];
  }
  return words.length === 2 ? [{ label: "AS", kind: CompletionItemKind.Keyword }] : [];
}

/** Stages above the one at the cursor. */
function stageItems(analysis: Analysis, position: Position): CompletionItem[] {
  const now = analysis.stageAt(position.line);
  return analysis.dockerfile.stages
    .filter(({ index }) => now === undefined || index < now.index)
    .flatMap(({ name, from }) =>
      name ? [{ label: name.text, kind: CompletionItemKind.Class, detail: `FROM ${from.words[0]?.text ?? ""}` }] : [],
    );
}

/** Files beside the Dockerfile, for sources without a folder. */
function ofPath(
  { project: { known, names } }: Analysis,
  { keyword, flags }: Instruction,
  before: string,
): CompletionItem[] | undefined {
  if ((keyword !== "COPY" && keyword !== "ADD") || !known || flags.some(({ name }) => name === "from"))
    return undefined;
  const word = /\s(\S*)$/.exec(before)?.[1] ?? "";
  if (word.startsWith("-") || word.startsWith("[") || word.replace(/^\.\//, "").includes("/")) return undefined;
  return names.map((label) => ({ label, kind: CompletionItemKind.File }));
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
