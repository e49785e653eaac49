import { type CodeAction, CodeActionKind, type Diagnostic } from "vscode-languageserver";
import { type Message, msg } from "../../engine/base/message.ts";
import type { Range } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";
import { severities } from "../lint/config.ts";
import type { Finding } from "../lint/finding.ts";
import { compatibleFixes, touches } from "../lint/fix-all.ts";
import { comparePositions } from "../lint/fixes.ts";
import { type IgnoreScope, ignoreEdit } from "../lint/ignore-edits.ts";
import type { Fix } from "../lint/rule.ts";
import { unusedRule } from "../lint/suppressions.ts";
import type { IgnoreDialect } from "../lint/suppressions-read.ts";
import type { Translate } from "./diagnostics.ts";
import { type EditAbilities, workspaceEdit } from "./workspace-edits.ts";

export interface CodeActionQuestion {
  readonly range: Range;
  readonly diagnostics: readonly Diagnostic[];
  /** Kinds that the client asks for; absent: any. */
  readonly only?: readonly string[] | undefined;
  /** Default: ours. */
  readonly ignoreStyle?: IgnoreDialect;
  /** The client's command that writes a rule into the settings; without it nobody is offered that. */
  readonly turnOffCommand?: string | undefined;
  /** Default: all. */
  readonly abilities?: EditAbilities;
}

export const fixAllKind = `${CodeActionKind.SourceFixAll}.drydock`;

const everything: EditAbilities = { versions: true, createsFiles: true };

/**
 * Fixes of what is reported in the range, the same for the whole file, ways to ignore it; and all safe fixes at once.
 * Everything is worked out from the text as it is now, and carries its version: it never lands in another text.
 */
export function codeActions(analysis: Analysis, question: CodeActionQuestion, translate: Translate): CodeAction[] {
  const isAsked = (kind: string) =>
    question.only?.some((asked) => kind === asked || kind.startsWith(`${asked}.`)) ?? true;
  return [
    ...(isAsked(CodeActionKind.QuickFix) ? quickFixes(analysis, question, translate) : []),
    ...(question.only && isAsked(fixAllKind) ? fixAllSafe(analysis, question, translate) : []),
  ];
}

function quickFixes(analysis: Analysis, question: CodeActionQuestion, translate: Translate): CodeAction[] {
  const { range, diagnostics } = question;
  const shownFor = (code: string | number, place: Range) =>
    diagnostics.filter((one) => one.code === code && comparePositions(one.range.start, place.start) === 0);
  const found = analysis.findings
    .filter((finding) => touches(finding.range, range))
    // What is worst is offered first.
    .sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));

  const actionsOf = (finding: Finding, title: Message, fix: Pick<Fix, "edits" | "files">, isPreferred = false) => {
    const edit = editOf(analysis, fix, question);
    const shown = shownFor(finding.rule, finding.range);
    const action: CodeAction = { title: translate(title), kind: CodeActionKind.QuickFix, diagnostics: shown };
    return edit ? [{ ...action, ...(isPreferred && { isPreferred }), edit }] : [];
  };

  const fixes = found.flatMap((finding) => [
    ...(finding.fix ? actionsOf(finding, finding.fix.title, finding.fix, true) : []),
    ...(finding.alternatives ?? []).flatMap((fix) => actionsOf(finding, fix.title, fix)),
  ]);
  const everywhere = onePerRule(found).flatMap((finding) => {
    const alike = analysis.findings.filter(({ rule, fix }) => rule === finding.rule && fix !== undefined);
    if (alike.length < 2) return [];
    const title = msg("Fix all of {rule} in this file", { rule: finding.rule });
    return actionsOf(finding, title, { edits: compatible(alike) });
  });
  const ignores = found.flatMap((finding) =>
    ignoreActions(analysis, finding, question).flatMap(({ title, edits }) => actionsOf(finding, title, { edits })),
  );
  return [...fixes, ...everywhere, ...ignores, ...turnOffs(found, question, translate)];
}

/** Last: it reaches furthest. What the builder refuses cannot be turned off. */
function turnOffs(
  found: readonly Finding[],
  { diagnostics, turnOffCommand }: CodeActionQuestion,
  translate: Translate,
): CodeAction[] {
  if (turnOffCommand === undefined) return [];
  const rules = new Set(found.filter(({ fatal }) => !fatal).map(({ rule }) => rule));
  return [...rules].map((rule) => {
    const title = translate(msg("Turn {rule} off in the settings", { rule }));
    const command = { title, command: turnOffCommand, arguments: [rule] };
    return {
      title,
      kind: CodeActionKind.QuickFix,
      diagnostics: diagnostics.filter(({ code }) => code === rule),
      command,
    };
  });
}

function onePerRule(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.filter(({ fix }) => fix).map((finding) => [finding.rule, finding])).values()];
}

function ignoreActions(analysis: Analysis, finding: Finding, { ignoreStyle = "drydock" }: CodeActionQuestion): Fix[] {
  if (finding.rule === unusedRule) return [];
  const { dockerfile } = analysis;
  const write = (scope: IgnoreScope, title: (rule: string) => Message): Fix[] => {
    const written = ignoreEdit(dockerfile, finding, scope, ignoreStyle);
    return written ? [{ title: title(written.code), edits: [written.edit] }] : [];
  };
  return [
    ...write("here", (rule) => msg("Ignore {rule} here", { rule })),
    ...(dockerfile.stages.length > 1 ? write("stage", (rule) => msg("Ignore {rule} in this stage", { rule })) : []),
    ...write("file", (rule) => msg("Ignore {rule} in this file", { rule })),
  ];
}

function fixAllSafe(analysis: Analysis, question: CodeActionQuestion, translate: Translate): CodeAction[] {
  const edits = compatible(analysis.findings.filter(({ fix }) => fix?.kind === "safe"));
  const edit = edits.length > 0 ? editOf(analysis, { edits }, question) : undefined;
  return edit ? [{ title: translate(msg("Fix what is safe to fix")), kind: fixAllKind, edit }] : [];
}

/** What needs files is for a person to choose. */
function compatible(findings: readonly Finding[]): Fix["edits"] {
  return compatibleFixes(findings.filter(({ fix }) => !fix?.files?.length)).flatMap(({ edits }) => edits);
}

function editOf(analysis: Analysis, fix: Pick<Fix, "edits" | "files">, { abilities = everything }: CodeActionQuestion) {
  return workspaceEdit(analysis, fix, analysis.project, abilities);
}
