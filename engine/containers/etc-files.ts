import { readFileSync, writeFileSync } from "node:fs";
import net from "node:net";
import { invalidExtraHost, noHostGateway } from "./errors.ts";
import type { ContainerFolder } from "./folder.ts";
import type { Container, CreateOptions } from "./types.ts";

export interface EtcTexts {
  readonly hosts: string;
  readonly resolvConf: string;
}

/** Writes what will be mounted over the image's /etc/hosts, /etc/hostname and /etc/resolv.conf. */
export function writeEtcFiles(folder: ContainerFolder, container: Container, given: EtcTexts | string): void {
  const texts = typeof given === "string" ? { hosts: hostsFile(container), resolvConf: given } : given;
  const write = (file: string, text: string) => writeFileSync(file, text, { mode: 0o644 });
  write(folder.hosts, texts.hosts);
  write(folder.hostname, `${container.hostname}\n`);
  write(folder.resolvConf, texts.resolvConf);
}

export interface HostsWish {
  /** The container's own. */
  readonly addresses: readonly string[];
  /** What `host-gateway` stands for; absent: there is no way to the host. */
  readonly hostGateway?: string;
  /** Other lines: `address names`. */
  readonly more: readonly string[];
}

/** @throws EngineError for an extra host that cannot be written. */
export function hostsFile(
  container: Pick<Container, "hostname" | "options">,
  wish: HostsWish = { addresses: [], more: [] },
): string {
  const own = wish.addresses.length > 0 ? wish.addresses : ["127.0.0.1"];
  return [
    "127.0.0.1\tlocalhost",
    "::1\tlocalhost ip6-localhost ip6-loopback",
    "fe00::\tip6-localnet",
    "ff00::\tip6-mcastprefix",
    "ff02::1\tip6-allnodes",
    "ff02::2\tip6-allrouters",
    ...extraHosts(container.options, wish.hostGateway),
    ...wish.more,
    ...own.map((address) => ownLine(address, container)),
    "",
  ].join("\n");
}

/** `address\tname.of.domain name`. */
export function ownLine(address: string, { hostname, options }: Pick<Container, "hostname" | "options">): string {
  const full = options.domainname ? `${hostname}.${options.domainname}` : hostname;
  // `--hostname web.example.com` is known as web, too.
  const short = options.domainname ? hostname : hostname.replace(/\..*/s, "");
  const names = [full, ...(short === full ? [] : [short])];
  return `${address}\t${names.join(" ")}`;
}

/** @throws EngineError `invalid-argument`, `unsupported` */
export function extraHosts({ extraHosts = [] }: CreateOptions, hostGateway: string | undefined): string[] {
  return extraHosts.map((entry) => {
    const cut = /^([^:=\s]+)[:=](\S+)$/.exec(entry);
    const name = cut?.[1];
    if (cut?.[2] === "host-gateway" && hostGateway === undefined) throw noHostGateway();
    const address = cut?.[2] === "host-gateway" ? hostGateway : cut?.[2]?.replace(/^\[(.*)\]$/, "$1");
    if (name === undefined || address === undefined || net.isIP(address) === 0) throw invalidExtraHost(entry);
    return `${address}\t${name}`;
  });
}

export function wantsHostGateway({ extraHosts = [] }: CreateOptions): boolean {
  return extraHosts.some((entry) => /[:=]host-gateway$/.test(entry));
}

/**
 * Adds and takes away whole lines of a file that is mounted in a running container, which may have lines of its own in it. It stays
 * the same file: another one in its place would not be seen there.
 */
export function changeLines(
  file: string,
  change: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
): void {
  const lines = readFileSync(file, "utf8").split("\n");
  const kept = lines.filter((line) => line !== "" && !change.remove?.includes(line));
  writeFileSync(file, `${[...kept, ...(change.add ?? [])].join("\n")}\n`);
}
