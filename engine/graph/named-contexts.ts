import { familiarReference, tryParseReference } from "../oci/reference.ts";

/** What a name of `--build-context` stands for, as far as a graph needs to know. */
export type NamedContext =
  | { readonly kind: "image"; readonly name: string }
  /** A folder of this machine, or one that is fetched. */
  | { readonly kind: "files"; readonly name: string };

export type NamedContexts = ReadonlyMap<string, NamedContext>;

const imageScheme = "docker-image://";
export const layoutScheme = "oci-layout://";

/** By `contextKey`. */
export function readNamedContexts(written: Readonly<Record<string, string>> = {}): NamedContexts {
  return new Map(
    Object.entries(written).map(([name, value]) => [
      contextKey(name),
      value.startsWith(imageScheme)
        ? { kind: "image", name: value.slice(imageScheme.length) }
        : value.startsWith(layoutScheme)
          ? { kind: "image", name: value }
          : { kind: "files", name },
    ]),
  );
}

/** The same for all ways to write one image: `alpine`, `docker.io/library/alpine:latest`. */
export function contextKey(name: string): string {
  const reference = tryParseReference(name.toLowerCase());
  return reference === undefined ? name.toLowerCase() : familiarReference(reference).replace(/:latest$/, "");
}
