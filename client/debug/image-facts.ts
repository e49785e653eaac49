/** What is told of the image that a step has made: the part of an engine's answer that is shown. */
export interface ImageFacts {
  readonly Id: string;
  readonly Size?: number;
  readonly Os?: string;
  readonly Architecture?: string;
  readonly Variant?: string;
  readonly RootFS?: { readonly Layers?: readonly string[] | null };
  readonly Config?: {
    readonly Env?: readonly string[] | null;
    readonly WorkingDir?: string;
    readonly User?: string;
    readonly Cmd?: readonly string[] | string | null;
    readonly Entrypoint?: readonly string[] | string | null;
    readonly Shell?: readonly string[] | null;
    readonly ExposedPorts?: Readonly<Record<string, unknown>> | null;
    readonly Volumes?: Readonly<Record<string, unknown>> | null;
    readonly Labels?: Readonly<Record<string, string>> | null;
    readonly StopSignal?: string;
    readonly Healthcheck?: { readonly Test?: readonly string[] | null } | null;
  } | null;
}

const defaultShell = ["/bin/sh", "-c"];

/** What RUN gives its text to. */
export function shellOf(facts: ImageFacts): readonly string[] {
  const shell = facts.Config?.Shell;
  return shell && shell.length > 0 ? shell : defaultShell;
}

export function environmentOf(facts: ImageFacts): readonly (readonly [string, string])[] {
  return (facts.Config?.Env ?? []).map((pair) => {
    const at = pair.indexOf("=");
    return at < 0 ? ([pair, ""] as const) : ([pair.slice(0, at), pair.slice(at + 1)] as const);
  });
}
