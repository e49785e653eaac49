import type { Position } from "../../engine/base/ranges.ts";
import type { Dockerfile, Instruction } from "../../engine/dockerfile/model.ts";
import type { Finding } from "./finding.ts";
import { insertAbove } from "./fixes.ts";
import type { TextEdit } from "./rule.ts";
import { checkDirective, controlComments, type IgnoreComment, type IgnoreDialect } from "./suppressions-read.ts";

export type IgnoreScope = IgnoreComment["scope"];

export interface IgnoreEdit {
  /** The rule as the comment names it. */
  readonly code: string;
  readonly edit: TextEdit;
}

/**
 * Writes an ignore comment for a finding. A dialect that has no name for the rule, or no such scope, gives way to our
 * own. Undefined where nothing can be ignored: the builder refuses it, or it stands in no instruction.
 */
export function ignoreEdit(
  dockerfile: Dockerfile,
  finding: Finding,
  scope: IgnoreScope,
  style: IgnoreDialect,
): IgnoreEdit | undefined {
  if (finding.fatal) return undefined;
  const { line } = finding.range.start;
  const instruction = dockerfile.instructions.find(({ range }) => range.start.line <= line && line <= range.end.line);
  const stage = dockerfile.stages.findLast((one) => one.range.start.line <= line);
  const target = { here: instruction, stage: stage?.from, file: undefined }[scope];
  if (scope !== "file" && !target) return undefined;
  const dialect = writable(dockerfile, finding, scope, style, target);
  const code = nameIn(dialect, finding) ?? finding.rule;
  const edit = target ? above(dockerfile, dialect, scope, code, target) : inFile(dockerfile, dialect, code);
  return { code, edit };
}

function nameIn(dialect: IgnoreDialect, { rule, sameAs }: Finding): string | undefined {
  if (dialect === "drydock") return rule;
  const own = (twin: string) => twin.startsWith(`${dialect}:`) || (dialect === "hadolint" && /^shellcheck:/.test(twin));
  return sameAs.find(own)?.replace(/^[^:]*:/, "");
}

function writable(
  dockerfile: Dockerfile,
  finding: Finding,
  scope: IgnoreScope,
  style: IgnoreDialect,
  target: Instruction | undefined,
): IgnoreDialect {
  if (nameIn(style, finding) === undefined) return "drydock";
  if (style === "dockerfile-utils" && scope !== "here") return "drydock";
  if (style !== "buildkit") return style;
  // At the very top it would be a directive, for the whole file.
  const isTop = scope === "here" && target?.range.start.line === afterDirectives(dockerfile).line;
  return scope === "stage" || isTop ? "drydock" : "buildkit";
}

function above(
  dockerfile: Dockerfile,
  dialect: IgnoreDialect,
  scope: IgnoreScope,
  code: string,
  target: Instruction,
): TextEdit {
  const known = controlComments(dockerfile).ignores.find(
    (one) => one.dialect === dialect && one.scope === scope && one.blockEnd + 1 === target.range.start.line,
  );
  const added = known && dialect !== "dockerfile-utils" ? addTo(known, code) : undefined;
  return added ?? insertAbove(target, comment(dialect, scope, code));
}

function inFile(dockerfile: Dockerfile, dialect: IgnoreDialect, code: string): TextEdit {
  const directive = dockerfile.directives.find(({ name }) => name === "check");
  const known =
    dialect === "buildkit"
      ? checkDirective(dockerfile).ignore
      : controlComments(dockerfile).ignores.find((one) => one.dialect === dialect && one.scope === "file");
  const added = known && addTo(known, code);
  if (added) return added;
  if (dialect === "buildkit" && directive) return insert(directive.valueRange.end, `;skip=${code}`);
  return insert(afterDirectives(dockerfile), `${comment(dialect, "file", code)}\n`);
}

/** Behind the last code of a list; undefined when it has none. */
function addTo({ codes }: IgnoreComment, code: string): TextEdit | undefined {
  const last = codes.at(-1);
  return last && insert(last.range.end, `,${code}`);
}

function comment(dialect: IgnoreDialect, scope: IgnoreScope, code: string): string {
  if (dialect === "buildkit") return `# check=skip=${code}`;
  if (dialect === "dockerfile-utils") return "# dockerfile-utils: ignore";
  if (scope === "here") return `# ${dialect} ignore=${code}`;
  return `# ${dialect} ${scope === "file" && dialect === "hadolint" ? "global" : scope} ignore=${code}`;
}

/** A comment in front of a directive would end the directives. */
function afterDirectives({ directives, text }: Dockerfile): Position {
  const last = directives.at(-1);
  if (last) return { line: last.range.start.line + 1, character: 0 };
  return { line: 0, character: text.startsWith("\uFEFF") ? 1 : 0 };
}

function insert(at: Position, newText: string): TextEdit {
  return { range: { start: at, end: at }, newText };
}
