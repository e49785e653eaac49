import { msg } from "../../engine/base/message.ts";
import { replace } from "./line-problems.ts";
import { hasMetacharacters } from "./lines.ts";
import type { IgnoreProblem } from "./problem.ts";
import { isBareName, type PatternEffect, type Survey } from "./survey.ts";

/** What the lines do with the files as they lie there. Only what is certain: of a context too large to be seen, less. */
export function contextProblems({ effects, isWhole, hasIgnored }: Survey): readonly IgnoreProblem[] {
  const seesAll = isWhole && hasIgnored;
  return effects.flatMap(
    (effect) => anchored(effect) ?? (seesAll ? (idle(effect) ?? noException(effect)) : undefined) ?? [],
  );
}

/** The commonest trap for who knows .gitignore. */
function anchored(effect: PatternEffect): IgnoreProblem | undefined {
  const { line, deeper, matches } = effect;
  const [example] = deeper;
  if (!isBareName(line) || example === undefined) return undefined;
  const name = line.pattern;
  return {
    code: "dockerignore/only-at-root",
    // Where it hits nothing it is a mistake; where it hits, both may be meant.
    severity: matches === 0 || heavy.test(name) ? "warning" : "hint",
    message: msg('Unlike in .gitignore this means only "{name}" at the root of the context: "{example}" stays in it.', {
      name,
      example,
    }),
    range: line.range,
    fix: replace(line, `**/${name}`),
  };
}

/** What is expected to come and go: lines for it are right also where it is not there. */
const comesAndGoes =
  /node_modules|\.git|\.env|\.log|dist|build|coverage|target|\.DS_Store|__pycache__|\.py|venv|\.vscode|\.idea|\.cache|tmp|temp|bin|obj|Thumbs|docker|\.next|\.nuxt|\.swp|~$/i;

const heavy = /^(?:node_modules|\.git|__pycache__|\.venv|venv|\.env|target|\.DS_Store)$/;

function idle({ line, matches }: PatternEffect): IgnoreProblem | undefined {
  if (matches > 0 || comesAndGoes.test(line.pattern) || line.pattern.startsWith("**/")) return undefined;
  if (line.pattern === "." || line.pattern.startsWith("..") || line.written.includes("#")) return undefined;
  return {
    code: "dockerignore/no-match",
    severity: "hint",
    message: hasMetacharacters(line.pattern)
      ? msg("Nothing in the context matches this.")
      : msg('There is no "{name}" in the context. Paths begin at its root.', { name: line.pattern }),
    range: line.range,
  };
}

function noException({ line, decides, files }: PatternEffect): IgnoreProblem | undefined {
  if (!line.isException || decides > 0 || files === 0) return undefined;
  return {
    code: "dockerignore/exception-without-effect",
    severity: "hint",
    message: msg(
      "This takes nothing back: what it matches is not ignored by the lines above, or a line below ignores it again.",
    ),
    range: line.range,
  };
}
