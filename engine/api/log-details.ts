import type { Container } from "../containers/types.ts";

type Told = Pick<Container, "id" | "name" | "imageId" | "path" | "args" | "env" | "labels" | "options">;

/**
 * What `docker logs --details` shows before a line: the labels and variables that log options name, and the tag, as the query of
 * an address. Docker keeps them beside each record; here they are the container's as it is now. Empty when nothing is named.
 */
export function logDetails(container: Told): string {
  const wanted = container.options.log?.options ?? {};
  const variables = container.env.map((entry): [string, string] => {
    const equals = entry.indexOf("=");
    return [entry.slice(0, equals), entry.slice(equals + 1)];
  });
  const details = new Map([
    ...chosen(Object.entries(container.labels), wanted.labels, wanted["labels-regex"]),
    ...chosen(variables, wanted.env, wanted["env-regex"]),
    ...(wanted.tag ? [["tag", tagOf(wanted.tag, container)] as const] : []),
  ]);
  return [...details]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.map(escaped).join("="))
    .join(",");
}

/** `names` with commas between them, or what a pattern finds. */
function chosen(
  all: readonly (readonly [string, string])[],
  names: string | undefined,
  pattern: string | undefined,
): readonly (readonly [string, string])[] {
  const named = new Set(names?.split(","));
  const found = pattern ? expression(pattern) : undefined;
  return all.filter(([name]) => named.has(name) || found?.test(name));
}

/** Undefined when it is none: it finds nothing then. */
function expression(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern);
  } catch {
    return undefined;
  }
}

/** A template of Go's with plain fields; what else is in braces stays as it is written. */
function tagOf(template: string, { id, name, imageId, path, args, options }: Told): string {
  const fields: Readonly<Record<string, string>> = {
    ID: id.slice(0, 12),
    FullID: id,
    Name: name,
    ContainerID: id,
    ContainerName: `/${name}`,
    ContainerEntrypoint: path,
    Command: [path, ...args].join(" "),
    ImageID: imageId.slice(0, 12),
    ImageFullID: imageId,
    ImageName: options.image,
    ContainerImageID: imageId,
    ContainerImageName: options.image,
    DaemonName: "docker",
  };
  return template.replace(/\{\{\s*\.(\w+)\s*\}\}/g, (written, field: string) => fields[field] ?? written);
}

/** As Go's url.QueryEscape. */
function escaped(text: string): string {
  // By way of bytes: half a character cannot be encoded.
  return encodeURIComponent(Buffer.from(text).toString())
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}
