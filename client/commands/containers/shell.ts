/** Tried in this order where nothing else was chosen. */
export const knownShells = ["bash", "zsh", "fish", "ash", "sh"] as const;

/**
 * Starts the wanted shell, by name or path, or the first that the container has. The name is an argument, not part of the script: nothing
 * in it is run.
 */
export function shellCommand(wanted: string): string[] {
  const names = wanted === "" || wanted === "auto" ? ["bash", "zsh", "ash", "sh"] : [wanted, "sh"];
  return ["/bin/sh", "-c", 'for name do command -v "$name" >/dev/null && exec "$name"; done', "sh", ...names];
}

/** Prints which of the known shells a container has, one a line. */
export const listShells: readonly string[] = [
  "/bin/sh",
  "-c",
  'for name do command -v "$name" >/dev/null && echo "$name"; done; true',
  "sh",
  ...knownShells,
];
