/** Whether a network mode gives a container a network of its own: neither the host's, nor none, nor another container's. */
export function hasOwnNetwork(mode: string): boolean {
  return mode !== "host" && mode !== "none" && !mode.startsWith("container:");
}
