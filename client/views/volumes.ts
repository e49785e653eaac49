import type { ContainerInfo, VolumeInspectInfo } from "dockerode";
import { type Message, msg } from "../../engine/base/message.ts";
import { formatAge, formatBytes } from "../ui/format.ts";
import type { Arrangement } from "./arrange.ts";
import type { Node } from "./node.ts";

export interface VolumeNode extends Node {
  /** Its name. */
  readonly volume: string;
  readonly users: readonly string[];
  readonly createdAtMs: number;
  readonly sizeBytes: number;
}

interface Surroundings {
  readonly nowMs: number;
  readonly translate: (message: Message) => string;
}

/** 64 hexadecimal digits: made for one container. */
const anonymous = /^[0-9a-f]{64}$/;

export function volumeNodes(
  volumes: readonly VolumeInspectInfo[],
  containers: readonly ContainerInfo[],
  { nowMs, translate }: Surroundings,
  children?: (volume: string) => Promise<readonly Node[]>,
): VolumeNode[] {
  const users = new Map<string, string[]>();
  for (const { Mounts, Names, Id } of containers) {
    for (const { Type, Name } of Mounts ?? []) {
      if (Type !== "volume" || !Name) continue;
      users.set(Name, [...(users.get(Name) ?? []), (Names[0] ?? Id.slice(0, 12)).replace(/^\//, "")]);
    }
  }
  return volumes.map((volume) => {
    const { Name } = volume;
    const of = users.get(Name) ?? [];
    const created = Date.parse((volume as { CreatedAt?: string }).CreatedAt ?? "");
    const size = volume.UsageData && volume.UsageData.Size >= 0 ? formatBytes(volume.UsageData.Size) : undefined;
    const age = Number.isNaN(created) ? undefined : translate(formatAge(created, nowMs));
    const use =
      of.length > 0
        ? translate(msg("used by {containers}", { containers: of.join(", ") }))
        : translate(msg("not used"));
    const label = anonymous.test(Name) ? Name.slice(0, 12) : Name;
    const parts = (list: readonly (string | undefined)[]) => list.filter((part) => part !== undefined);
    return {
      id: Name,
      volume: Name,
      users: of,
      createdAtMs: Number.isNaN(created) ? 0 : created,
      sizeBytes: volume.UsageData?.Size ?? 0,
      label,
      description: parts([size, use, age]).join(" · "),
      tooltip: parts([Name, volume.Driver, volume.Mountpoint, use, size, age]).join("\n"),
      icon: { id: of.length > 0 ? "database" : "circle-outline" },
      accessibleLabel: parts([label, use, size]).join(", "),
      kind: of.length > 0 ? "volume.used" : "volume.unused",
      ...(children ? { loadChildren: () => children(Name) } : {}),
    };
  });
}

export function volumeArrangement(translate: (message: Message) => string): Arrangement<VolumeNode> {
  return {
    groups: [
      { id: "none", label: msg("nothing") },
      {
        id: "use",
        label: msg("use"),
        of: ({ users }) =>
          users.length > 0
            ? { id: "used", label: translate(msg("in use")), kind: "group.volumes" }
            : { id: "unused", label: translate(msg("not used")), kind: "group.volumes" },
      },
    ],
    sorts: [
      { id: "name", label: msg("name"), compare: (a, b) => a.label.localeCompare(b.label) },
      { id: "newest", label: msg("newest first"), compare: (a, b) => b.createdAtMs - a.createdAtMs },
      { id: "size", label: msg("largest first"), compare: (a, b) => b.sizeBytes - a.sizeBytes },
    ],
  };
}
