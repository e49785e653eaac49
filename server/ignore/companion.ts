import {
  CodeActionKind,
  type CodeLens,
  type Diagnostic,
  DiagnosticSeverity,
  DiagnosticTag,
} from "vscode-languageserver";
import { type Message, msg } from "../../engine/base/message.ts";
import type { Companion } from "../companion.ts";
import { toItems } from "../features/completion/offer.ts";
import { formatBytes } from "../features/hover/amounts.ts";
import { touches } from "../lint/fix-all.ts";
import { ignoreOffers } from "./complete.ts";
import type { IgnoreAnalysis, IgnoreDocuments } from "./documents.ts";
import { ignoreHover } from "./hover.ts";
import type { IgnoreProblem } from "./problem.ts";
import type { Survey } from "./survey.ts";

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
} as const;

interface Surroundings {
  readonly documents: IgnoreDocuments;
  readonly translate: (message: Message) => string;
  readonly suggestCommand?: string | undefined;
  /** The client's command that shows what is largest in a context; no lens without. */
  readonly largestCommand?: string | undefined;
}

/** What an editor asks of a .dockerignore. */
export function ignoreCompanion(
  analysis: IgnoreAnalysis,
  { documents, translate, suggestCommand, largestCommand }: Surroundings,
): Companion {
  const { lines, uri } = analysis;
  return {
    diagnostics() {
      // What it needs the context for comes with the next question.
      void documents.survey(analysis);
      return analysis.problems.map((problem) => toDiagnostic(problem, translate));
    },
    completion(position) {
      const line = analysis.text.split(/\r?\n/)[position.line] ?? "";
      const offers = ignoreOffers(line, position, lines, analysis.context);
      const abilities = { snippets: false, translate, ...(suggestCommand !== undefined && { suggestCommand }) };
      return offers ? toItems(offers, { position, line }, abilities) : [];
    },
    async hover(position) {
      return ignoreHover(lines, position, await documents.survey(analysis), translate) ?? null;
    },
    codeActions(range) {
      return analysis.problems.flatMap((problem) => {
        const { fix } = problem;
        if (!fix || !touches(problem.range, range)) return [];
        const edit = { changes: { [uri]: [{ range: fix.range, newText: fix.newText }] } };
        const diagnostics = [toDiagnostic(problem, translate)];
        return [{ title: translate(fix.title), kind: CodeActionKind.QuickFix, diagnostics, isPreferred: true, edit }];
      });
    },
    async codeLenses() {
      const survey = largestCommand === undefined ? undefined : await documents.survey(analysis);
      if (!survey) return [];
      const start = { line: 0, character: 0 };
      const command = { title: translate(lensTitle(survey)), command: largestCommand ?? "", arguments: [uri] };
      return [{ range: { start, end: start }, command } satisfies CodeLens];
    },
  };
}

export function lensTitle({ files, bytes, isWhole }: Pick<Survey, "files" | "bytes" | "isWhole">): Message {
  const counts = { files, size: formatBytes(bytes) };
  if (!isWhole) return msg("Build context: more than {files} files, {size} – show the largest", counts);
  return files === 1
    ? msg("Build context: 1 file, {size} – show the largest", counts)
    : msg("Build context: {files} files, {size} – show the largest", counts);
}

function toDiagnostic(problem: IgnoreProblem, translate: (message: Message) => string): Diagnostic {
  const { code, severity, message, range, isUnnecessary } = problem;
  return {
    range,
    severity: severities[severity],
    code,
    source: "drydock",
    message: translate(message),
    ...(isUnnecessary && { tags: [DiagnosticTag.Unnecessary] }),
  };
}
