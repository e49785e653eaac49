import type { Dockerfile } from "../../engine/dockerfile/model.ts";
import { chosenSeverity, severityOf } from "./config.ts";
import type { LintConfig } from "./finding.ts";
import type { Rule, Severity } from "./rule.ts";
import { checkDirective } from "./suppressions-read.ts";

const known = new WeakMap<LintConfig, Map<string, LintConfig>>();

/**
 * The configuration with what `# check=` says to BuildKit: `error=true` makes its checks errors, `experimental=` turns some
 * on. What a person has chosen wins. The same object for the same directive.
 */
export function withCheckDirective(config: LintConfig, dockerfile: Dockerfile, rules: readonly Rule[]): LintConfig {
  const directive = dockerfile.directives.find(({ name }) => name === "check");
  if (!directive || !config.honourIgnores) return config;
  const byDirective = known.get(config) ?? new Map<string, LintConfig>();
  known.set(config, byDirective);
  const made = byDirective.get(directive.value) ?? make(config, dockerfile, rules);
  // Each key in the directive is a value of its own.
  if (byDirective.size >= 20) byDirective.clear();
  byDirective.set(directive.value, made);
  return made;
}

function make(config: LintConfig, dockerfile: Dockerfile, rules: readonly Rule[]): LintConfig {
  const { isError, experimental } = checkDirective(dockerfile);
  if (!isError && experimental.length === 0) return config;
  const severities: Record<string, Severity | "off"> = { ...config.severities };
  for (const rule of rules) {
    const names = rule.sameAs.flatMap((twin) => (twin.startsWith("buildkit:") ? twin.slice("buildkit:".length) : []));
    if (names.length === 0 || chosenSeverity(rule, config) !== undefined) continue;
    const isOn = severityOf(rule, config) !== "off";
    if (isOn && isError) severities[rule.id] = "error";
    const isAsked = experimental.includes("all") || names.some((name) => experimental.includes(name));
    if (!isOn && isAsked) severities[rule.id] = isError ? "error" : "warning";
  }
  return { ...config, severities };
}
