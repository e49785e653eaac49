/** Parts of an image's name. `registry` only when written. */
export interface ImageName {
  readonly registry?: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** `registry/repository:tag@digest`. The first part is a registry when it has a dot or a port, or is localhost. */
export function splitImageName(reference: string): ImageName {
  const [name = "", digest] = splitAt(reference, reference.indexOf("@"));
  const colon = name.lastIndexOf(":");
  const [path = "", tag] = splitAt(name, colon > name.lastIndexOf("/") ? colon : -1);
  const [first = "", rest] = splitAt(path, path.indexOf("/"));
  const hasRegistry = rest !== undefined && (/[.:]/.test(first) || first === "localhost");
  return {
    repository: hasRegistry ? rest : path,
    ...(hasRegistry && { registry: first }),
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}

/** `node` of `node`, `library/node` and `docker.io/library/node`; undefined for images that are not Docker's own. */
export function officialName({ registry, repository }: Partial<ImageName>): string | undefined {
  if (registry !== undefined && registry !== "docker.io" && registry !== "index.docker.io") return undefined;
  const name = repository?.replace(/^library\//, "");
  return name?.includes("/") ? undefined : name;
}

function splitAt(text: string, at: number): readonly [string, string?] {
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
