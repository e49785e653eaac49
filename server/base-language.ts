import { DockerfileLanguageServiceFactory } from "dockerfile-language-service";
import type { TextEdit } from "vscode-languageserver";
import type { Range } from "../engine/base/ranges.ts";
import type { Analysis } from "./analysis.ts";

/**
 * The only door to dockerfile-language-service. It throws on some texts (a comment with a quoted `\n` behind a
 * continuation) and overflows the stack on others; an answer that cannot be had is then simply missing.
 */
const service = DockerfileLanguageServiceFactory.createLanguageService();
service.setLogger({ log: () => {} });

function guarded<T>(ask: () => T, otherwise: T): T {
  try {
    return ask() ?? otherwise;
  } catch {
    return otherwise;
  }
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
