/**
 * Where the worker's program lies. VS Code starts workers of extensions from a text of its own (`blob:`), so that the client has
 * to say it: `initializationOptions.program`.
 */
export const program = {
  address: (globalThis as unknown as { readonly location: { readonly href: string } }).location.href,
};

interface Initialize {
  readonly method?: unknown;
  readonly params?: { readonly initializationOptions?: { readonly program?: unknown } | null };
}

/** Reads it from the client's first message. */
export function readProgram(message: unknown): void {
  const { method, params } = (message ?? {}) as Initialize;
  const address = method === "initialize" ? params?.initializationOptions?.program : undefined;
  if (typeof address === "string") program.address = address;
}
