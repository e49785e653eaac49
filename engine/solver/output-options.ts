import path from "node:path";
import { readCsv } from "../base/csv.ts";
import { parseReference, type Reference } from "../oci/reference.ts";
import type { LayerForm } from "../store/types.ts";
import { tagWithDigest } from "./errors.ts";
import { outputInvalid, outputNeedsDest, outputOfNoType } from "./output-errors.ts";

/** What is done with the result of a build. */
export type Output =
  | {
      readonly kind: "image";
      readonly names: readonly Reference[];
      readonly store: boolean;
      readonly push: boolean;
      readonly byDigest: boolean;
      readonly form: LayerForm;
      readonly annotations: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: "archive";
      readonly format: "oci" | "docker";
      /** Absolute, or `unix:` and the path of a socket that takes the bytes. */
      readonly dest: string;
      /** Else a folder. */
      readonly tar: boolean;
      readonly names: readonly Reference[];
      readonly form: LayerForm;
      readonly annotations: Readonly<Record<string, string>>;
    }
  | { readonly kind: "files"; readonly format: "local" | "tar"; readonly dest: string }
  | { readonly kind: "nothing" };

/** Of no meaning for this engine, and of no harm. */
const ignored: readonly string[] = [
  "unpack",
  "dangling-name-prefix",
  "name-canonical",
  "prefer-nondist-layers",
  "buildinfo",
  "platform-split",
  "attestation-prefix",
];

/**
 * Reads `-o` as docker writes it: `type=oci,dest=app.tar`, a folder, or `-`. Without any the image goes into the store under
 * the build's tags. @throws EngineError `invalid-argument`
 */
export function readOutputs(texts: readonly string[] | undefined, tags: readonly Reference[]): readonly Output[] {
  if (texts === undefined || texts.length === 0) return [intoStore(tags)];
  return texts.map((text) => readOutput(text, tags));
}

function intoStore(names: readonly Reference[]): Output {
  return { kind: "image", names, store: true, push: false, byDigest: false, form: {}, annotations: {} };
}

function readOutput(text: string, tags: readonly Reference[]): Output {
  const fields = readCsv(text);
  if (!fields) throw outputInvalid(text);
  if (fields.length === 1 && !text.includes("=")) {
    return text === "-" ? files("tar", text, text) : files("local", text, text);
  }
  const given = new Map<string, string>();
  const annotations: Record<string, string> = {};
  for (const field of fields) {
    const equals = field.indexOf("=");
    const key = field.slice(0, equals).trim();
    const value = field.slice(equals + 1);
    if (equals <= 0) throw outputInvalid(text, field);
    const annotation = /^annotation(?:-manifest)?\.(.+)$/.exec(key)?.[1];
    if (annotation !== undefined) annotations[annotation] = value;
    else given.set(key.toLowerCase(), value);
  }
  const take = (key: string) => {
    const value = given.get(key);
    given.delete(key);
    return value;
  };
  const flag = (key: string, fallback: boolean) => {
    const value = take(key);
    if (value === undefined) return fallback;
    if (!/^(?:true|false|1|0)$/i.test(value)) throw outputInvalid(text, `${key}=${value}`);
    return /^(?:true|1)$/i.test(value);
  };
  const type = take("type") ?? "";
  const dest = take("dest");
  const names = namesOf(take("name"), tags);
  const output = ((): Output => {
    switch (type) {
      case "image":
      case "registry": {
        const push = flag("push", type === "registry");
        return {
          kind: "image",
          names,
          store: flag("store", true),
          push,
          byDigest: flag("push-by-digest", false),
          form: formOf(text, take, flag, undefined),
          annotations,
        };
      }
      case "docker": {
        const tar = flag("tar", true);
        const form = formOf(text, take, flag, "docker");
        // Without a place it is `docker load`: into the store.
        if (dest === undefined) return intoStore(names);
        return { kind: "archive", format: type, dest: place(text, dest), tar, names, form, annotations };
      }
      case "oci":
        return {
          kind: "archive",
          format: type,
          dest: place(text, dest),
          tar: flag("tar", true),
          names,
          form: { compression: "gzip", ...formOf(text, take, flag, "oci") },
          annotations,
        };
      case "local":
      case "tar":
        return files(type, text, dest);
      case "cacheonly":
        return { kind: "nothing" };
      default:
        throw outputOfNoType(text, type);
    }
  })();
  const odd = [...given.keys()].find((key) => !ignored.includes(key));
  if (odd !== undefined) throw outputInvalid(text, odd);
  return output;
}

function files(format: "local" | "tar", text: string, dest: string | undefined): Output {
  return { kind: "files", format, dest: place(text, dest) };
}

/** Whoever knows the folder that a relative path starts from has made it absolute. */
function place(text: string, dest: string | undefined): string {
  if (!dest) throw outputNeedsDest(text);
  if (!path.isAbsolute(dest) && !dest.startsWith("unix:/")) throw outputInvalid(text, dest);
  return dest;
}

function namesOf(name: string | undefined, tags: readonly Reference[]): readonly Reference[] {
  if (!name) return tags;
  return name.split(",").map((one) => {
    const reference = parseReference(one.trim());
    if (reference.digest !== undefined) throw tagWithDigest(one);
    return reference;
  });
}

function formOf(
  text: string,
  take: (key: string) => string | undefined,
  flag: (key: string, fallback: boolean) => boolean,
  types: LayerForm["types"],
): LayerForm {
  const compression = take("compression");
  if (compression !== undefined && !/^(?:uncompressed|gzip|zstd)$/.test(compression)) {
    throw outputInvalid(text, `compression=${compression}`);
  }
  const level = take("compression-level");
  if (level !== undefined && !/^(?:\d|1\d|2[0-2])$/.test(level))
    throw outputInvalid(text, `compression-level=${level}`);
  if (compression === "gzip" && Number(level) > 9) throw outputInvalid(text, `compression-level=${level}`);
  const force = flag("force-compression", false);
  const mediaTypes = take("oci-mediatypes");
  if (mediaTypes !== undefined && !/^(?:true|false|1|0)$/i.test(mediaTypes)) {
    throw outputInvalid(text, `oci-mediatypes=${mediaTypes}`);
  }
  const chosen = mediaTypes === undefined ? types : /^(?:true|1)$/i.test(mediaTypes) ? "oci" : "docker";
  return {
    ...(compression ? { compression: compression as NonNullable<LayerForm["compression"]> } : {}),
    ...(level === undefined ? {} : { level: Number(level) }),
    ...(force ? { force } : {}),
    ...(chosen ? { types: chosen } : {}),
  };
}
