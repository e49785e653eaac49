import { writeFileSync } from "node:fs";
import net from "node:net";
import { invalidExtraHost, noHostGateway } from "./errors.ts";
import type { ContainerFolder } from "./folder.ts";
import type { Container } from "./types.ts";

/** Writes what will be mounted over the image's /etc/hosts, /etc/hostname and /etc/resolv.conf. */
export function writeEtcFiles(folder: ContainerFolder, container: Container, resolvConf: string): void {
  const write = (file: string, text: string) => writeFileSync(file, text, { mode: 0o644 });
  write(folder.hosts, hostsFile(container));
  write(folder.hostname, `${container.hostname}\n`);
  write(folder.resolvConf, resolvConf);
}

/**
 * The container's own name points to loopback: published ports are forwarded to 127.0.0.1, so a program that listens on
 * its host name is reached, and it is right whatever address the network has.
 * @throws EngineError for an extra host that cannot be written.
 */
export function hostsFile({ hostname, options }: Pick<Container, "hostname" | "options">): string {
  const extra = (options.extraHosts ?? []).map((entry) => {
    const cut = /^([^:=\s]+)[:=](\S+)$/.exec(entry);
    const name = cut?.[1];
    const address =
      cut?.[2] === "host-gateway" ? hostGateway(options.networkMode) : cut?.[2]?.replace(/^\[(.*)\]$/, "$1");
    if (name === undefined || address === undefined || net.isIP(address) === 0) throw invalidExtraHost(entry);
    return `${address}\t${name}\n`;
  });
  return [
    "127.0.0.1\tlocalhost\n",
    "::1\tlocalhost ip6-localhost ip6-loopback\n",
    "fe00::\tip6-localnet\n",
    "ff00::\tip6-mcastprefix\n",
    "ff02::1\tip6-allnodes\n",
    "ff02::2\tip6-allrouters\n",
    ...extra,
    hostname === "localhost" ? "" : `127.0.0.1\t${hostname}\n`,
  ].join("");
}

function hostGateway(networkMode: string | undefined): string {
  if (networkMode === "host") return "127.0.0.1";
  throw noHostGateway();
}
