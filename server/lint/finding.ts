import type { Message } from "../../engine/base/message.ts";
import type { Range } from "../../engine/base/ranges.ts";
import type { Fix, Preset, Report, RuleOptions, Severity } from "./rule.ts";
import type { ProjectView } from "./views.ts";

/** Something to tell a person about a place in a Dockerfile: a rule's report or a problem of the parser. */
export interface Finding {
  /** A rule's id or the parser's code; `# drydock ignore=` takes both. */
  readonly rule: string;
  readonly severity: Severity;
  readonly message: Message;
  readonly why?: Message;
  readonly learn?: Message;
  readonly range: Range;
  /** Names of the same finding in other linters, as in `Rule.sameAs`. */
  readonly sameAs: readonly string[];
  readonly fix?: Fix & { readonly kind: "safe" | "suggestion" };
  readonly alternatives?: readonly Fix[];
  readonly related?: Report["related"];
  readonly tag?: Report["tag"];
  /** The builder refuses the file for it: it cannot be ignored. */
  readonly fatal?: boolean;
}

/** How a person wants files checked: preset, then configuration files, then settings; already merged. Plain data. */
export interface LintConfig {
  readonly preset: Preset;
  /** By rule id, parser's code, or another linter's code (`DL3008`, `StageNameCasing`): wins over the preset. */
  readonly severities: Readonly<Record<string, Severity | "off">>;
  readonly options: RuleOptions;
  /** False: ignore comments do nothing (hadolint's `disable-ignore-pragma`). */
  readonly honourIgnores: boolean;
}

export const defaultLintConfig: LintConfig = {
  preset: "recommended",
  severities: {},
  options: {},
  honourIgnores: true,
};

export interface LintInput {
  readonly config?: LintConfig;
  /** Absent: nothing is known of the context. */
  readonly project?: ProjectView;
  /** What ShellCheck said of this version's scripts. Absent: it was not asked. */
  readonly shellCheck?: ShellCheckFindings | undefined;
}

export interface ShellCheckFindings {
  readonly findings: readonly Finding[];
  /** False while it still looks at some scripts: that it has not said something means nothing yet. */
  readonly isComplete: boolean;
}
