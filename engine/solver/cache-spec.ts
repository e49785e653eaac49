import path from "node:path";
import { readCsv } from "../base/csv.ts";
import { parseReference, type Reference } from "../oci/reference.ts";
import { cacheKindUnknown, cacheSpecInvalid } from "./cache-errors.ts";

export type CacheSource =
  | { readonly kind: "local"; readonly folder: string; readonly tag: string; readonly digest?: string }
  | { readonly kind: "registry"; readonly reference: Reference };

export type CacheTarget =
  | ({ readonly kind: "local"; readonly folder: string; readonly tag: string } & TargetOptions)
  | ({ readonly kind: "registry"; readonly reference: Reference } & TargetOptions)
  | { readonly kind: "inline" };

interface TargetOptions {
  /** `min`: the steps whose layers the image has; `max`: all of them. */
  readonly mode: "min" | "max";
  readonly ignoreError: boolean;
}

/** `--cache-from` as docker writes it; a name alone is an image or a cache in a registry. @throws EngineError */
export function readCacheSource(text: string): CacheSource {
  const fields = fieldsOf(text);
  switch (fields.get("type")) {
    case "local": {
      const digest = fields.get("digest");
      const tag = fields.get("tag") ?? "latest";
      return { kind: "local", folder: folderOf(fields.get("src"), text), tag, ...(digest ? { digest } : {}) };
    }
    case "registry":
      return { kind: "registry", reference: referenceOf(fields.get("ref"), text) };
    default:
      throw cacheKindUnknown(fields.get("type") ?? "");
  }
}

/** `--cache-to`. @throws EngineError `invalid-argument`, `unsupported` */
export function readCacheTarget(text: string): CacheTarget {
  const fields = fieldsOf(text);
  const mode = fields.get("mode") ?? "min";
  if (mode !== "min" && mode !== "max") throw cacheSpecInvalid(text);
  const options = { mode, ignoreError: fields.get("ignore-error") === "true" } as const;
  switch (fields.get("type")) {
    case "inline":
      return { kind: "inline" };
    case "local":
      return {
        kind: "local",
        folder: folderOf(fields.get("dest"), text),
        tag: fields.get("tag") ?? "latest",
        ...options,
      };
    case "registry":
      return { kind: "registry", reference: referenceOf(fields.get("ref"), text), ...options };
    default:
      throw cacheKindUnknown(fields.get("type") ?? "");
  }
}

function fieldsOf(text: string): ReadonlyMap<string, string> {
  if (text === "inline") return new Map([["type", "inline"]]);
  if (!text.includes("="))
    return new Map([
      ["type", "registry"],
      ["ref", text],
    ]);
  const words = readCsv(text);
  if (!words) throw cacheSpecInvalid(text);
  const fields = new Map<string, string>();
  for (const word of words) {
    const equals = word.indexOf("=");
    if (equals < 1) throw cacheSpecInvalid(text);
    fields.set(word.slice(0, equals).trim().toLowerCase(), word.slice(equals + 1));
  }
  return fields;
}

/** The command line makes paths absolute: this process has another folder. */
function folderOf(folder: string | undefined, text: string): string {
  if (!folder || !path.isAbsolute(folder)) throw cacheSpecInvalid(text);
  return path.normalize(folder);
}

function referenceOf(name: string | undefined, text: string): Reference {
  if (!name) throw cacheSpecInvalid(text);
  return parseReference(name);
}
