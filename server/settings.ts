import type { Severity } from "./lint/rule.ts";

/** The section `drydock`, as far as the server reads it. */
export interface Settings {
  readonly lint: {
    readonly enabled: boolean;
    readonly rules: Readonly<Record<string, Severity | "off">>;
  };
}

export const defaultSettings: Settings = { lint: { enabled: true, rules: {} } };

const severities = new Set(["off", "info", "hint", "warning", "error"]);

/** Takes what is usable: settings are written by hand. */
export function readSettings(value: unknown): Settings {
  const lint = isRecord(value) && isRecord(value.lint) ? value.lint : {};
  const rules = isRecord(lint.rules) ? lint.rules : {};
  const valid = Object.entries(rules).filter((entry): entry is [string, Severity | "off"] =>
    severities.has(String(entry[1])),
  );
  return { lint: { enabled: lint.enabled !== false, rules: Object.fromEntries(valid) } };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
