import { DockerfileLanguageServiceFactory } from "dockerfile-language-service";
import type { DocumentLink, FormattingOptions, Hover, SignatureHelp, TextEdit } from "vscode-languageserver";
import type { Position, Range } from "../engine/base/ranges.ts";
import type { Analysis } from "./analysis.ts";
import { sliceAt } from "./slice.ts";

/**
 * The only door to dockerfile-language-service. It throws on some texts (a comment with a quoted `\n` behind a
 * continuation) and overflows the stack on others; an answer that cannot be had is then simply missing.
 */
const service = DockerfileLanguageServiceFactory.createLanguageService();
service.setLogger({ log: () => {} });
service.setCapabilities({
  completion: { completionItem: { snippetSupport: true, documentationFormat: ["markdown"], deprecatedSupport: true } },
  hover: { contentFormat: ["markdown"] },
});

function guarded<T>(ask: () => T, otherwise: T): T {
  try {
    return ask() ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function baseHover(analysis: Analysis, position: Position): Hover | undefined {
  const slice = sliceAt(analysis, position);
  const hover = guarded(() => service.computeHover(slice.text, slice.position), null);
  if (!hover) return undefined;
  return hover.range ? { ...hover, range: slice.toFile(hover.range) } : hover;
}

export function baseSignatureHelp(analysis: Analysis, position: Position): SignatureHelp | undefined {
  const slice = sliceAt(analysis, position);
  return guarded<SignatureHelp | undefined>(() => service.computeSignatureHelp(slice.text, slice.position), undefined);
}

export function baseLinks(text: string): DocumentLink[] {
  return guarded(() => service.computeLinks(text), []);
}

export function baseResolveLink(link: DocumentLink): DocumentLink {
  return guarded(() => service.resolveLink(link), link);
}

export function baseFormat(text: string, options: FormattingOptions): TextEdit[] {
  return guarded(() => service.format(text, options), []);
}

export function baseFormatRange(text: string, range: Range, options: FormattingOptions): TextEdit[] {
  return guarded(() => service.formatRange(text, range, options), []);
}

export function baseFormatOnType(text: string, position: Position, ch: string, options: FormattingOptions): TextEdit[] {
  return guarded(() => service.formatOnType(text, position, ch, options), []);
}

/** Costs the square of the text: to be asked for one instruction. */
export function baseValidate(text: string): readonly { readonly code: number; readonly range: Range }[] {
  return guarded(() => service.validate(text), []).map(({ code, range }) => ({ code: Number(code), range }));
}

/** The library's quick fix for one of its own diagnostics, as edits. */
export function baseFixes(analysis: Analysis, code: number, range: Range): { title: string; edits: TextEdit[] }[] {
  const diagnostics = [{ code, range, message: "" }];
  const commands = guarded(() => service.computeCodeActions({ uri: analysis.uri }, range, { diagnostics }), []);
  return commands.flatMap(({ title, command, arguments: args }) => {
    const edits = guarded(() => service.computeCommandEdits(analysis.text, command, args ?? []), []);
    return edits.length > 0 ? [{ title, edits }] : [];
  });
}
