import type { ContainerInfo, NetworkInspectInfo } from "dockerode";
import { type Message, msg } from "../../engine/base/message.ts";
import type { Arrangement } from "./arrange.ts";
import type { Node } from "./node.ts";

export interface NetworkNode extends Node {
  readonly networkId: string;
  readonly driver: string;
  readonly networkName: string;
}

export interface ConnectedNode extends Node {
  readonly networkId: string;
  readonly containerId: string;
}

const always = new Set(["bridge", "host", "none"]);

/** One row a network, its containers with their addresses below. Those that are always there come last. */
export function networkNodes(
  networks: readonly NetworkInspectInfo[],
  containers: readonly ContainerInfo[],
  translate: (message: Message) => string,
): NetworkNode[] {
  return networks
    .map((network): NetworkNode => {
      const { Id, Name, Driver } = network;
      const connected = containers.flatMap((container): ConnectedNode[] => {
        const endpoint = container.NetworkSettings?.Networks?.[Name];
        if (!endpoint) return [];
        const label = (container.Names[0] ?? container.Id.slice(0, 12)).replace(/^\//, "");
        return [
          {
            id: `${Id}/${container.Id}`,
            networkId: Id,
            containerId: container.Id,
            label,
            description: endpoint.IPAddress || "",
            icon: { id: container.State === "running" ? "vm-running" : "vm-outline" },
            accessibleLabel: [label, endpoint.IPAddress].filter(Boolean).join(", "),
            kind: always.has(Name) ? "connected.fixed" : "connected.own",
          },
        ];
      });
      const subnet = network.IPAM?.Config?.[0]?.Subnet;
      const count =
        connected.length > 1
          ? translate(msg("{count} containers", { count: connected.length }))
          : connected.length === 1
            ? translate(msg("one container"))
            : translate(msg("not used"));
      const internal = network.Internal ? translate(msg("no way out")) : undefined;
      // `host`, `none` and `bridge` are called as their driver, or have none.
      const driver = Driver === Name || Driver === "null" ? undefined : Driver;
      const parts = [driver, subnet, internal, count].filter((part) => part !== undefined && part !== "");
      return {
        id: Id,
        networkId: Id,
        networkName: Name,
        driver: Driver,
        label: Name,
        description: parts.join(" · "),
        tooltip: [Name, ...parts, Id.slice(0, 12)].join("\n"),
        icon: { id: "type-hierarchy" },
        accessibleLabel: [Name, driver, count].filter((part) => part !== undefined).join(", "),
        kind: always.has(Name) ? "network.fixed" : connected.length > 0 ? "network.used" : "network.unused",
        ...(connected.length > 0 ? { children: connected } : {}),
      };
    })
    .sort(ownFirst);
}

function ownFirst(a: NetworkNode, b: NetworkNode): number {
  return Number(a.kind === "network.fixed") - Number(b.kind === "network.fixed") || a.label.localeCompare(b.label);
}

export const networkArrangement: Arrangement<NetworkNode> = {
  groups: [
    { id: "none", label: msg("nothing") },
    {
      id: "driver",
      label: msg("driver"),
      of: ({ driver }) => ({ id: driver, label: driver, kind: "group.networks" }),
    },
  ],
  sorts: [{ id: "own", label: msg("own ones first"), compare: ownFirst }],
};
