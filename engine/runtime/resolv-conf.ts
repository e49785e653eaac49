import { readFileSync } from "node:fs";
import { isIPv4 } from "node:net";
import type { Outbound } from "../base/drydock-api.ts";

/** Where pasta answers for the host's resolver when that one listens on a loopback address. */
export const pastaResolver = "169.254.1.53";

export interface Resolver {
  /** Lines for the container. */
  readonly text: string;
  /** pasta must forward `pastaResolver`. */
  readonly forward: boolean;
}

const files = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"];

/**
 * A container has its own loopback, so a name server of the host's loopback (systemd-resolved, dnsmasq) is of no use there.
 * `slirpResolver`: where slirp4netns answers, and asks whatever the host asks.
 */
export function containerResolver(
  outbound: Outbound,
  slirpResolver: string,
  read: (file: string) => string | undefined = readText,
): Resolver {
  const texts = files.map((file) => read(file) ?? "");
  const usable = texts.find((text) => nameServers(text).some((server) => !isLoopback(server)));
  const rest = (usable ?? texts[0] ?? "").split("\n").filter((line) => /^\s*(search|options)\s/.test(line));
  const servers =
    outbound === "slirp4netns" ? [slirpResolver] : nameServers(usable ?? "").filter((server) => !isLoopback(server));
  const forward = outbound === "pasta" && servers.length === 0;
  const all = forward ? [pastaResolver] : servers;
  return { text: [...all.map((server) => `nameserver ${server}`), ...rest, ""].join("\n"), forward };
}

/** Addresses of `nameserver` lines. */
export function nameServers(text: string): string[] {
  return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map(([, server = ""]) => server);
}

function isLoopback(server: string): boolean {
  return isIPv4(server) ? server.startsWith("127.") : server === "::1";
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
