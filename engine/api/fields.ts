import { badField } from "./errors.ts";

/** A JSON object of a request, read field by field: absent and null are undefined, a wrong type is a clear error. */
export interface Fields {
  text(name: string): string | undefined;
  flag(name: string): boolean | undefined;
  integer(name: string): number | undefined;
  list(name: string): readonly string[] | undefined;
  record(name: string): Readonly<Record<string, string>> | undefined;
  object(name: string): Fields;
  objects(name: string): readonly Fields[];
  keys(): readonly string[];
  raw(name: string): unknown;
}

export function fieldsOf(value: unknown, where = "The request's body"): Fields {
  if (!isObject(value)) throw badField(where, "a JSON object");
  const get = (name: string): unknown => value[name] ?? undefined;
  return {
    raw: get,
    keys: () => Object.keys(value),
    text: (name) => typed(name, get(name), "a text", isText),
    flag: (name) => typed(name, get(name), "true or false", (found): found is boolean => typeof found === "boolean"),
    integer: (name) =>
      typed(name, get(name), "a whole number", (found): found is number => Number.isSafeInteger(found)),
    list(name) {
      const found = get(name);
      // Docker takes a single text for Cmd and Entrypoint.
      if (isText(found)) return [found];
      return typed(
        name,
        found,
        "a list of texts",
        (list): list is string[] => Array.isArray(list) && list.every(isText),
      );
    },
    record: (name) =>
      typed(
        name,
        get(name),
        "an object of texts",
        (found): found is Record<string, string> => isObject(found) && Object.values(found).every(isText),
      ),
    object: (name) => fieldsOf(get(name) ?? {}, name),
    objects(name) {
      const found = get(name) ?? [];
      if (!Array.isArray(found)) throw badField(name, "a list");
      return found.map((entry) => fieldsOf(entry, name));
    },
  };
}

function typed<T>(name: string, value: unknown, wanted: string, is: (value: unknown) => value is T): T | undefined {
  if (value === undefined) return undefined;
  if (!is(value)) throw badField(name, wanted);
  return value;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

type Loose<T> = { [K in keyof T]: T[K] | undefined };

/** Absent instead of undefined: what an optional property of the engine's own types wants. */
export function compact<T extends object>(value: Loose<T>): T {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as T;
}
