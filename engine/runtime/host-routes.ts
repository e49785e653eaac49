import { readFileSync } from "node:fs";
import { formatAddress, overlaps, parseAddress, parseSubnet, type Subnet, subnetAround } from "../base/ip-address.ts";

/** Where this machine sends packets by more than its default routes: a container network there would hide it. */
export function hostRoutes(read: (file: string) => string = readText): Subnet[] {
  return [...routesV4(read("/proc/net/route")), ...routesV6(read("/proc/net/ipv6_route"))];
}

/** Addresses of the way out of a container's namespace: the namespace's own, and where the host is. */
export interface HelperSubnet {
  readonly cidr: string;
  readonly guest: string;
  readonly host: string;
  readonly resolver: string;
}

/** slirp4netns' own choice first. Each end of it is the same in every container. */
export function helperSubnet(routes: readonly Subnet[] = hostRoutes()): HelperSubnet {
  const candidates = ["10.0.2.0/24", "10.0.42.0/24", "192.168.227.0/24"].flatMap((text) => parseSubnet(text) ?? []);
  const [first] = candidates;
  const subnet = candidates.find((candidate) => !routes.some((route) => overlaps(route, candidate))) ?? first;
  if (!subnet) throw new Error("no subnet");
  // slirp4netns(1): .2 is the host, .3 answers DNS, .100 is the namespace.
  const at = (offset: bigint) => formatAddress({ family: 4, value: subnet.first + offset });
  return { cidr: `${at(0n)}/24`, guest: at(100n), host: at(2n), resolver: at(3n) };
}

/** Destination and mask are hexadecimal in the machine's byte order, which is little endian wherever Node runs. */
function routesV4(text: string): Subnet[] {
  return text
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [, destination = "", , , , , , mask = ""] = line.split(/\s+/);
      if (!/^[\dA-F]{8}$/i.test(destination) || !/^[\dA-F]{8}$/i.test(mask)) return [];
      const prefixLength = Number.parseInt(mask, 16).toString(2).replaceAll("0", "").length;
      const value = BigInt(`0x${destination.match(/../g)?.reverse().join("")}`);
      return prefixLength === 0 ? [] : [subnetAround({ family: 4, value }, prefixLength)];
    });
}

function routesV6(text: string): Subnet[] {
  return text.split("\n").flatMap((line) => {
    const [destination = "", length = "", , , , , , , , device = ""] = line.trim().split(/\s+/);
    const address = /^[\da-f]{32}$/i.test(destination)
      ? parseAddress(destination.match(/.{4}/g)?.join(":") ?? "")
      : undefined;
    const prefixLength = Number.parseInt(length, 16);
    return address && prefixLength > 0 && device !== "lo" ? [subnetAround(address, prefixLength)] : [];
  });
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
