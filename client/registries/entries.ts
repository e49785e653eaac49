/** A registry that is shown. */
export interface RegistryEntry {
  /** `docker.io`, `localhost:5000` */
  readonly host: string;
  /** Of Docker Hub: whose repositories. */
  readonly namespaces?: readonly string[];
  /** Named by hand, for registries that do not list what they have. */
  readonly repositories?: readonly string[];
}

export const hubHost = "docker.io";

/** What a person sees who has connected nothing: the official images. */
export const dockerHub: RegistryEntry = { host: hubHost, namespaces: ["library"] };

export interface EntryChange {
  readonly host: string;
  readonly namespace?: string;
  readonly repository?: string;
}

/** Adds a registry, or a namespace or repository to one; or takes it away. */
export function changeEntries(
  entries: readonly RegistryEntry[],
  verb: "add" | "remove",
  { host, namespace, repository }: EntryChange,
): RegistryEntry[] {
  const whole = namespace === undefined && repository === undefined;
  if (verb === "remove" && whole) return entries.filter((entry) => entry.host !== host);
  const known = entries.some((entry) => entry.host === host);
  const all = known || verb === "remove" ? entries : [...entries, host === hubHost ? dockerHub : { host }];
  return all.map((entry) => {
    if (entry.host !== host || whole) return entry;
    const changed = (list: readonly string[] = [], value: string | undefined) =>
      value === undefined ? list : [...list.filter((one) => one !== value), ...(verb === "add" ? [value] : [])];
    return {
      ...entry,
      ...(namespace === undefined ? {} : { namespaces: changed(entry.namespaces, namespace) }),
      ...(repository === undefined ? {} : { repositories: changed(entry.repositories, repository) }),
    };
  });
}
