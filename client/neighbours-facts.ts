/** The manifest of an extension, as far as it is read here. */
export interface Neighbour {
  readonly contributes?: { readonly configuration?: Configuration | readonly Configuration[] };
}

interface Configuration {
  readonly properties?: Readonly<Record<string, { readonly enum?: readonly unknown[] }>>;
}

/** The source of problems that somebody else reports beside ours; undefined: nothing shows twice. */
export function doubled(sources: readonly (string | undefined)[]): string | undefined {
  if (!sources.includes("drydock")) return undefined;
  return sources.find((source) => source !== undefined && /^docker(?!.*drydock)/i.test(source));
}

/** The settings that its manifest documents for switching its checks of Dockerfiles off, with the value that does it. */
export function silencing(neighbours: readonly Neighbour[]): readonly (readonly [string, string])[] {
  return neighbours
    .flatMap(({ contributes }) => [contributes?.configuration ?? []].flat())
    .flatMap(({ properties = {} }) => Object.entries(properties))
    .flatMap(([key, { enum: values }]) =>
      key.startsWith("docker.languageserver.diagnostics.") && values?.includes("ignore")
        ? [[key, "ignore"] as const]
        : [],
    );
}
