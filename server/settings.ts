import { type FormatSettings, readFormatSettings } from "./format/options.ts";
import { type ConfigLayer, labelTypes, presets, severitiesOrOff } from "./lint/config.ts";
import type { RuleOptions, Severity } from "./lint/rule.ts";
import type { IgnoreDialect } from "./lint/suppressions-read.ts";

/** The section `drydock`, as far as the server reads it. */
export interface Settings {
  readonly lint: {
    readonly enabled: boolean;
    /** Dockerfiles that are not open are checked too. */
    readonly workspace: boolean;
    /** What the person has set; it wins over the project's files. */
    readonly layer: ConfigLayer;
    /** How an ignore comment is written by a quick fix. */
    readonly ignoreStyle: IgnoreDialect;
    readonly shellcheck: { readonly enabled: boolean; readonly path: string };
  };
  readonly inlayHints: { readonly variables: boolean; readonly images: boolean };
  readonly codeLens: { readonly enabled: boolean };
  /** What the next build will do, at the ends of lines. */
  readonly forecast: { readonly hints: "off" | "quiet" | "full" };
  readonly format: FormatSettings;
}

export const ignoreStyles = ["drydock", "hadolint", "buildkit", "dockerfile-utils"] as const;

/** Takes what is usable: settings are written by hand. */
export function readSettings(value: unknown): Settings {
  const lint = isRecord(value) && isRecord(value.lint) ? value.lint : {};
  const shellcheck = isRecord(lint.shellcheck) ? lint.shellcheck : {};
  const preset = oneOf(presets, lint.preset);
  const hints = isRecord(value) && isRecord(value.inlayHints) ? value.inlayHints : {};
  const forecast = isRecord(value) && isRecord(value.forecast) ? value.forecast : {};
  const lenses = isRecord(value) && isRecord(value.codeLens) ? value.codeLens : {};
  return {
    inlayHints: { variables: hints.variables !== false, images: hints.images !== false },
    codeLens: { enabled: lenses.enabled !== false },
    forecast: { hints: oneOf(["off", "quiet", "full"] as const, forecast.hints) ?? "quiet" },
    format: readFormatSettings(isRecord(value) && isRecord(value.format) ? value.format : {}),
    lint: {
      enabled: lint.enabled !== false,
      workspace: lint.workspace !== false,
      layer: { ...(preset && { preset }), severities: readSeverities(lint.rules), options: readOptions(lint) },
      ignoreStyle: oneOf(ignoreStyles, lint.ignoreStyle) ?? "drydock",
      shellcheck: {
        enabled: shellcheck.enabled !== false,
        path: typeof shellcheck.path === "string" ? shellcheck.path : "",
      },
    },
  };
}

export const defaultSettings: Settings = readSettings({});

function readSeverities(value: unknown): Readonly<Record<string, Severity | "off">> {
  const rules = Object.entries(isRecord(value) ? value : {}).flatMap(([id, level]) => {
    const severity = oneOf(severitiesOrOff, level);
    return severity ? [[id, severity] as const] : [];
  });
  return Object.fromEntries(rules);
}

/** Empty lists and maps are VS Code's way of saying "not set". */
function readOptions(lint: Record<string, unknown>): RuleOptions {
  const registries = Array.isArray(lint.trustedRegistries)
    ? lint.trustedRegistries.filter((one) => typeof one === "string")
    : [];
  const labels = Object.entries(isRecord(lint.labelSchema) ? lint.labelSchema : {}).flatMap(([name, type]) => {
    const known = oneOf(labelTypes, type);
    return known ? [[name, known] as const] : [];
  });
  return {
    ...(registries.length > 0 && { trustedRegistries: registries }),
    ...(labels.length > 0 && { labelSchema: Object.fromEntries(labels) }),
    ...(lint.strictLabels === true && { strictLabels: true }),
  };
}

function oneOf<T extends string>(values: readonly T[], value: unknown): T | undefined {
  return values.find((one) => one === value);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
