import type { Dockerfile } from "../../engine/dockerfile/model.ts";
import type { Rule } from "./rule.ts";

const own = /^#\s*drydock\s+ignore\s*=\s*(\S+)/i;
const hadolint = /^#\s*hadolint\s+ignore\s*=\s*(\S+)/i;

/**
 * `# drydock ignore=rule-id,other-id` right above an instruction silences these rules for it (`all`: every rule).
 * `# hadolint ignore=DL3025` does so for the rules that say the same.
 */
export function suppressions(
  dockerfile: Dockerfile,
  rules: readonly Rule[],
): (ruleId: string, line: number) => boolean {
  const byLine = new Map<number, ReadonlySet<string>>();
  for (const { text, range } of dockerfile.comments) {
    const ids = own.exec(text)?.[1]?.split(",") ?? twins(hadolint.exec(text)?.[1], rules);
    if (ids) byLine.set(range.start.line, new Set(ids));
  }
  if (byLine.size === 0) return () => false;
  return (ruleId, line) => {
    const instruction = dockerfile.instructions.find(({ range }) => range.start.line <= line && line <= range.end.line);
    const ids = byLine.get((instruction?.range.start.line ?? line) - 1);
    return ids !== undefined && (ids.has(ruleId) || ids.has("all"));
  };
}

function twins(list: string | undefined, rules: readonly Rule[]): readonly string[] | undefined {
  const codes = list?.split(",").map((code) => `hadolint:${code}`);
  return codes && rules.filter((rule) => rule.sameAs.some((twin) => codes.includes(twin))).map((rule) => rule.id);
}
