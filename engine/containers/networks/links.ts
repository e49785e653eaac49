import { randomBytes } from "node:crypto";
import { bytesOf, parseAddress } from "../../base/ip-address.ts";
import { need, quote } from "../../runtime/host-tools.ts";
import { installCommand } from "../../runtime/install-command.ts";
import type { HostFacts } from "../../runtime/types.ts";
import type { Endpoint } from "../types.ts";
import { needsIproute } from "./errors.ts";
import type { Network } from "./types.ts";

/**
 * Interface names have at most 15 characters. Another name at each start: the pair of the last run goes with its namespace, which the kernel
 * takes away in its own time.
 */
const portName = (containerId: string) => `v${containerId.slice(0, 6)}${randomBytes(4).toString("hex")}`;

/** The one bridge in the network's own namespace. */
const bridge = "br0";

/** Shell commands for a new namespace that becomes a network's bridge. */
export function bridgeScript(facts: HostFacts, network: Network): string {
  return batch(facts, [
    `link add ${bridge} type bridge`,
    ...network.subnets.map(
      ({ subnet, gateway }) => `addr add ${gateway}/${prefixOf(subnet)} dev ${bridge}${nodad(gateway)}`,
    ),
    `link set ${bridge} up`,
  ]);
}

/** Shell commands for a container's namespace: a pair of interfaces, one here and one at the network's bridge. */
export function joinScript(
  facts: HostFacts,
  network: Network,
  namespace: string,
  containerId: string,
  endpoint: Endpoint,
): string {
  const { interfaceName = "eth0", macAddress, ipv4, ipv6 } = endpoint;
  const mtu = network.options["com.docker.network.driver.mtu"];
  const size = mtu && /^\d{2,5}$/.test(mtu) ? ` mtu ${mtu}` : "";
  const port = portName(containerId);
  const here = [
    `link add ${interfaceName}${size}${macAddress ? ` address ${macAddress}` : ""} type veth peer name ${port}${size} netns ${namespace}`,
    ...(ipv4 ? [`addr add ${ipv4}/${endpoint.prefixLength} dev ${interfaceName}`] : []),
    ...(ipv6 ? [`addr add ${ipv6}/${endpoint.prefixLength6} dev ${interfaceName} nodad`] : []),
    `link set ${interfaceName} up`,
  ];
  // Without traffic between containers each port of the bridge talks with the bridge itself only.
  const alone =
    network.options["com.docker.network.bridge.enable_icc"] === "false" ? " type bridge_slave isolated on" : "";
  const enter = `${quote(need(facts, "nsenter"))} --net=${quote(namespace)}`;
  const there = [`link set ${port} master ${bridge} up`, ...(alone ? [`link set ${port}${alone}`] : [])];
  return `${batch(facts, here)}\n${batch(facts, there, enter)}`;
}

/** Docker's: made from the IPv4 address, so that neighbours who remember it go on being right. */
export function macOf(ipv4: string): string {
  const bytes = bytesOf(parseAddress(ipv4)?.value ?? 0n, 4).map((byte) => byte.toString(16).padStart(2, "0"));
  return ["02", "42", ...bytes].join(":");
}

export function prefixOf(subnet: string): number {
  return Number(subnet.split("/")[1]);
}

export function requireIproute(isThere: boolean): void {
  if (!isThere) throw needsIproute(installCommand(["ip"]));
}

/** ip(8) ends at the first command that fails. */
function batch(facts: HostFacts, commands: readonly string[], enter = ""): string {
  return `${enter} ${quote(need(facts, "ip"))} -batch - <<'end' || exit 125\n${commands.join("\n")}\nend`.trimStart();
}

function nodad(address: string): string {
  return address.includes(":") ? " nodad" : "";
}
