import type { DockerfileLanguageService } from "dockerfile-language-service";
import type { CompletionItem, DocumentHighlight, Hover, Location, SignatureHelp } from "vscode-languageserver";
import type { Instruction } from "../engine/analysis.ts";
import type { Position, Range } from "../engine/base/ranges.ts";
import type { Analysis } from "./analysis.ts";
import { contains } from "./lint/fixes.ts";

/** dockerfile-language-service's answers about one instruction, at their places in the file. What it cannot say is missing. */
export interface BaseLanguage {
  hover(analysis: Analysis, position: Position): Hover | undefined;
  signatureHelp(analysis: Analysis, position: Position): SignatureHelp | undefined;
  definition(analysis: Analysis, position: Position): Location | undefined;
  highlights(analysis: Analysis, position: Position): DocumentHighlight[];
  completion(analysis: Analysis, position: Position, snippets: boolean): CompletionItem[];
}

/** Some of its answers cost the square of the text: about a longer instruction it is not asked. */
const longestAsked = 4000;

let loading: Promise<BaseLanguage | undefined> | undefined;

type Library = typeof import("dockerfile-language-service");

/** The library's only door. It is loaded when somebody first asks: loading it with the server was a fifth of the start. */
export function baseLanguage(): Promise<BaseLanguage | undefined> {
  loading ??= import("dockerfile-language-service")
    // As a bundle of its own it is CommonJS, whose names import() does not see.
    .then((library: Library & { readonly default?: Library }) => library.default ?? library)
    .then(({ DockerfileLanguageServiceFactory: factory }) => overSlices(factory.createLanguageService()))
    .catch(() => undefined);
  return loading;
}

/** Is the word one that it may know: a keyword, a flag, a variable, a heredoc? Words of scripts are not worth loading it for. */
export function mayKnow(analysis: Analysis, position: Position): boolean {
  const range = wordAt(analysis, position);
  if (!range) return false;
  const instruction = analysis.instructionAt(position);
  return (
    instruction?.keyword === "ARG" ||
    instruction?.keyword === "ENV" ||
    (instruction !== undefined && contains(instruction.keywordWord.range, position)) ||
    /^--|\$|<</.test(analysis.textOf(range))
  );
}

function overSlices(service: DockerfileLanguageService): BaseLanguage {
  service.setLogger({ log: () => {} });
  return {
    hover: (analysis, position) =>
      asked(analysis, position, (slice, at) => {
        const range = wordAt(analysis, position);
        const found = range && service.computeHover(slice.text, at);
        return found && { contents: found.contents, range };
      }),
    signatureHelp: (analysis, position) =>
      asked(analysis, position, ({ text }, at) => {
        const help = service.computeSignatureHelp(text, at);
        return help.signatures.length > 0 ? help : undefined;
      }),
    definition: (analysis, position) =>
      asked(analysis, position, (slice, at) => {
        const found = service.computeDefinition({ uri: analysis.uri }, slice.text, at);
        return found && { uri: analysis.uri, range: slice.toFile(found.range) };
      }),
    highlights: (analysis, position) =>
      asked(analysis, position, (slice, at) => {
        const found = service.computeHighlightRanges(slice.text, at);
        const highlights = found.map((one) => ({ ...one, range: slice.toFile(one.range) }));
        // It takes `${NAME%.*}` for a name.
        return highlights.every(({ range }) => /^\w+$/.test(analysis.textOf(range))) ? highlights : [];
      }) ?? [],
    completion: (analysis, position, snippetSupport) =>
      asked(analysis, position, (slice, at) => {
        service.setCapabilities({ completion: { completionItem: { snippetSupport } } });
        const items = service.computeCompletionItems(slice.text, at);
        // A promise waits for the network.
        return Array.isArray(items) ? items.flatMap((item) => placed(item, slice)) : [];
      }) ?? [],
  };
}

function placed(item: CompletionItem, slice: Slice): CompletionItem[] {
  const { textEdit } = item;
  return textEdit && "range" in textEdit
    ? [{ ...item, textEdit: { ...textEdit, range: slice.toFile(textEdit.range) } }]
    : [];
}

interface Slice {
  readonly text: string;
  readonly firstLine: number;
  toFile(range: Range): Range;
}

/** An instruction's lines, below the directive that says how they are continued. */
export function sliceOf(
  { dockerfile: { lines, escape: continues } }: Pick<Analysis, "dockerfile">,
  { range: { start, end } }: Pick<Instruction, "range">,
): Slice {
  const text = continues === "\\" ? [] : [`# escape=${continues}`];
  const firstLine = start.line - text.length;
  for (let line = start.line; line <= end.line; line += 1) text.push(lines.at(line));
  const toFile = ({ line, character }: Position) => ({ line: line + firstLine, character });
  return {
    text: text.join("\n"),
    firstLine,
    toFile: (range) => ({ start: toFile(range.start), end: toFile(range.end) }),
  };
}

/** It throws on some texts (a comment with a quoted `\n` behind a continuation) and reads heredocs' bodies as arguments. */
function asked<T>(
  analysis: Analysis,
  position: Position,
  ask: (slice: Slice, at: Position) => T | null | undefined,
): T | undefined {
  // Blanks behind the last word belong to it as well.
  const instruction = analysis.dockerfile.instructions[analysis.indexAt(position)];
  if (!instruction || position.line > instruction.range.end.line) return undefined;
  const { heredocs } = instruction.trigger ?? instruction;
  const { line } = position;
  if (heredocs.some(({ range, contentRange }) => line > range.end.line && line >= contentRange.start.line)) {
    return undefined;
  }
  const slice = sliceOf(analysis, instruction);
  if (slice.text.length > longestAsked) return undefined;
  try {
    return ask(slice, { line: position.line - slice.firstLine, character: position.character }) ?? undefined;
  } catch {
    return undefined;
  }
}

/** It gives hovers without a range. */
function wordAt({ dockerfile }: Analysis, { line, character }: Position): Range | undefined {
  const text = dockerfile.lines.at(line);
  const before = /\S*$/.exec(text.slice(0, character))?.[0].length ?? 0;
  const behind = /^\S*/.exec(text.slice(character))?.[0].length ?? 0;
  if (before + behind === 0) return undefined;
  return { start: { line, character: character - before }, end: { line, character: character + behind } };
}
