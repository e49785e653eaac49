import { type CodeAction, CodeActionKind, type Diagnostic, type WorkspaceEdit } from "vscode-languageserver";
import { msg } from "../../engine/base/message.ts";
import type { Range } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";
import { baseFindings } from "../base-diagnostics.ts";
import { baseFixes } from "../base-language.ts";
import { comparePositions, insertAbove } from "../lint/fixes.ts";
import type { TextEdit } from "../lint/rule.ts";
import type { Translate } from "./diagnostics.ts";

export interface CodeActionQuestion {
  readonly range: Range;
  readonly diagnostics: readonly Diagnostic[];
  /** Kinds that the client asks for; absent: any. */
  readonly only?: readonly string[] | undefined;
}

/** Quick fixes of what is reported in the range, "ignore here", and all safe fixes at once. */
export function codeActions(analysis: Analysis, question: CodeActionQuestion, translate: Translate): CodeAction[] {
  const isAsked = (kind: string) =>
    question.only?.some((asked) => kind === asked || kind.startsWith(`${asked}.`)) ?? true;
  return [
    ...(isAsked(CodeActionKind.QuickFix) ? quickFixes(analysis, question, translate) : []),
    ...(question.only && isAsked(fixAllKind) ? fixAll(analysis, translate) : []),
  ];
}

export const fixAllKind = `${CodeActionKind.SourceFixAll}.drydock`;

function quickFixes(
  analysis: Analysis,
  { range, diagnostics }: CodeActionQuestion,
  translate: Translate,
): CodeAction[] {
  const shownFor = (code: string | number, place: Range) =>
    diagnostics.filter((one) => one.code === code && comparePositions(one.range.start, place.start) === 0);
  const found = analysis.findings.filter((finding) => touches(finding.range, range));
  const fixes = found.flatMap(({ rule, range: place, fix }): CodeAction[] =>
    fix
      ? [
          {
            title: translate(fix.title),
            kind: CodeActionKind.QuickFix,
            isPreferred: true,
            diagnostics: shownFor(rule, place),
            edit: edit(analysis, fix.edits),
          },
        ]
      : [],
  );
  const base = baseFindings(analysis)
    .filter((finding) => touches(finding.range, range))
    .flatMap(({ code, fixTitle, range: place }) =>
      baseFixes(analysis, code, place).map(
        ({ title, edits }): CodeAction => ({
          title: fixTitle ? translate(fixTitle) : title,
          kind: CodeActionKind.QuickFix,
          diagnostics: shownFor(code, place),
          edit: edit(analysis, edits),
        }),
      ),
    );
  const ignores = found.flatMap(({ rule, why, range: place }): CodeAction[] => {
    const instruction = analysis.instructionAt(place.start);
    // Only rules (they have a reason) can be ignored; what the builder refuses cannot.
    if (!instruction || !why) return [];
    return [
      {
        title: translate(msg("Ignore {rule} here", { rule })),
        kind: CodeActionKind.QuickFix,
        diagnostics: shownFor(rule, place),
        edit: edit(analysis, [insertAbove(instruction, `# drydock ignore=${rule}`)]),
      },
    ];
  });
  return [...fixes, ...base, ...ignores];
}

function fixAll(analysis: Analysis, translate: Translate): CodeAction[] {
  const edits: TextEdit[] = [];
  for (const { fix } of analysis.findings) {
    if (fix?.kind !== "safe") continue;
    const isFree = fix.edits.every(({ range }) => !edits.some((taken) => touches(taken.range, range)));
    if (isFree) edits.push(...fix.edits);
  }
  if (edits.length === 0) return [];
  return [{ title: translate(msg("Fix what is safe to fix")), kind: fixAllKind, edit: edit(analysis, edits) }];
}

function edit(analysis: Analysis, edits: readonly TextEdit[]): WorkspaceEdit {
  return { changes: { [analysis.uri]: edits.map(({ range, newText }) => ({ range, newText })) } };
}

function touches(a: Range, b: Range): boolean {
  return comparePositions(a.start, b.end) <= 0 && comparePositions(b.start, a.end) <= 0;
}
