import type { LintConfig } from "./finding.ts";
import type { RuleOptions, Severity } from "./rule.ts";
import type { Ignorable } from "./suppressions.ts";

/** What one place says about checking: a file, the environment, settings, flags. What it does not mention is absent. */
export interface ConfigLayer extends Partial<LintConfig> {
  /** The build context's folder, a full path. */
  readonly context?: string;
  /** The command line fails from this severity on. */
  readonly threshold?: Threshold;
  /** The command line never fails for findings. */
  readonly noFail?: boolean;
  /** Of the command line's output. */
  readonly format?: string;
}

export type Threshold = Severity | "none";

export type ResolvedConfig = LintConfig & Omit<ConfigLayer, keyof LintConfig>;

export const presets = ["recommended", "strict", "learner"] as const;
export const severities = ["error", "warning", "info", "hint"] as const;
export const severitiesOrOff = ["off", ...severities] as const;
export const labelTypes = ["text", "url", "rfc3339", "semver", "hash", "spdx", "email"] as const;

/** Later layers win. Names of other linters become ids of rules, so that a later layer wins under whatever name. */
export function mergeConfig(layers: readonly ConfigLayer[], ignorable: readonly Ignorable[]): ResolvedConfig {
  const merged: Mutable<ConfigLayer> = {};
  const chosen: Record<string, Severity | "off"> = {};
  let options: RuleOptions = {};
  for (const layer of layers) {
    Object.assign(merged, definedOf(layer));
    const given = Object.entries(layer.severities ?? {});
    // Within a layer the id of a rule says more than a name that may stand for several.
    const sorted = [...given.filter(([name]) => !name.includes("/")), ...given.filter(([name]) => name.includes("/"))];
    for (const [name, severity] of sorted) for (const id of idsOf(name, ignorable)) chosen[id] = severity;
    options = { ...options, ...layer.options };
  }
  const { preset = "recommended", honourIgnores = true } = merged;
  return { ...merged, preset, honourIgnores, severities: chosen, options };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function definedOf(layer: ConfigLayer): ConfigLayer {
  return Object.fromEntries(Object.entries(layer).filter(([, value]) => value !== undefined));
}

/** The rules that a name stands for: an id, `DL3008`, `hadolint:DL3008`, a code of ShellCheck. */
export function idsOf(name: string, ignorable: readonly Ignorable[]): readonly string[] {
  const shellCheck = shellCheckCode(name);
  if (shellCheck) return [`shellcheck/${shellCheck}`];
  if (ignorable.some(({ id }) => id === name)) return [name];
  const twins = ignorable.filter(({ sameAs }) => sameAs.some((twin) => twin === name || twin.endsWith(`:${name}`)));
  return twins.length > 0 ? twins.map(({ id }) => id) : [name];
}

/** `SC2086` of any way to name it. */
export function shellCheckCode(name: string): string | undefined {
  return /^(?:hadolint:|shellcheck[:/])?(SC\d{4})$/.exec(name)?.[1];
}

interface Judged extends Ignorable {
  readonly severity: Severity | "off";
  readonly presets?: Readonly<Partial<Record<string, Severity | "off">>>;
}

/**
 * How serious a finding of the rule is. A person's choice wins over what the rule `reported` for this one, and that
 * over the preset; what the preset has off stays off.
 */
export function severityOf(rule: Judged, config: LintConfig, reported?: Severity): Severity | "off" {
  const chosen = chosenSeverity(rule, config);
  if (chosen !== undefined) return chosen;
  const preset = rule.presets?.[config.preset] ?? rule.severity;
  return preset === "off" ? preset : (reported ?? preset);
}

/** What a person chose, under the rule's id or under a name that other linters have for it. */
export function chosenSeverity({ id, sameAs }: Ignorable, { severities }: LintConfig): Severity | "off" | undefined {
  const names = [id, ...sameAs.flatMap((twin) => [twin, twin.slice(twin.indexOf(":") + 1)])];
  const name = names.find((one) => Object.hasOwn(severities, one));
  return name === undefined ? undefined : severities[name];
}
