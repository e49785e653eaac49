import { type Call, text } from "./call.ts";
import { badFilter, badParameter } from "./errors.ts";

export type Filters = ReadonlyMap<string, readonly string[]>;

/**
 * The `filters` parameter: `{"label":["a=b"]}`, or the older `{"label":{"a=b":true}}`.
 * @throws EngineError `invalid-argument` for a filter that is not known (an ignored one would select too much), or an unreadable `until`.
 */
export function readFilters(call: Call, known: readonly string[]): Filters {
  const json = text(call, "filters");
  if (json === undefined) return new Map();
  const filters = new Map<string, readonly string[]>();
  for (const [name, values] of Object.entries(parseObject(json))) {
    if (!known.includes(name)) throw badFilter(name);
    const list = Array.isArray(values) ? values : Object.keys(toObject(json, values)).filter((key) => key !== "");
    filters.set(
      name,
      list.map((value) => String(value)),
    );
  }
  // Also where there is nothing yet that it could select.
  untilMs(filters);
  return filters;
}

/** No such filter, or one of its values fits. */
export function anyOf(filters: Filters, name: string, fits: (value: string) => boolean): boolean {
  const values = filters.get(name);
  return values === undefined || values.length === 0 || values.some(fits);
}

/** Docker reads the value of a filter of names as a regular expression. */
export function isLike(value: string, name: string): boolean {
  let expression: RegExp;
  try {
    expression = new RegExp(value);
  } catch {
    throw badParameter("filters", value);
  }
  return expression.test(name);
}

/** Labels must all fit: `key` or `key=value`. */
export function labelsFit(filters: Filters, labels: Readonly<Record<string, string>>, name = "label"): boolean {
  return (filters.get(name) ?? []).every((wanted) => {
    const equals = wanted.indexOf("=");
    if (equals < 0) return wanted in labels;
    return labels[wanted.slice(0, equals)] === wanted.slice(equals + 1);
  });
}

/** A filter that is true or false. */
export function booleanFilter(filters: Filters, name: string): boolean | undefined {
  const value = filters.get(name)?.[0];
  if (value === undefined) return undefined;
  if (["1", "true"].includes(value.toLowerCase())) return true;
  if (["0", "false"].includes(value.toLowerCase())) return false;
  throw badParameter(name, value);
}

/** `24h`, `10m`, a Unix time, or RFC 3339: what is older fits. */
export function untilMs(filters: Filters): number {
  const value = filters.get("until")?.[0];
  if (value === undefined) return Number.POSITIVE_INFINITY;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
  const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)];
  if (parts.length > 0 && parts.map(([part]) => part).join("") === value) {
    return Date.now() - parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ""] ?? 0), 0);
  }
  const time = Date.parse(value);
  if (Number.isNaN(time)) throw badParameter("until", value);
  return time;
}

function parseObject(json: string): Record<string, unknown> {
  try {
    return toObject(json, JSON.parse(json));
  } catch {
    throw badParameter("filters", json);
  }
}

function toObject(json: string, value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw badParameter("filters", json);
  return value as Record<string, unknown>;
}
