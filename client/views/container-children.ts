import type { ContainerInfo, ContainerInspectInfo } from "dockerode";
import type { FileList } from "../../engine/base/files-api.ts";
import { type Message, msg } from "../../engine/base/message.ts";
import { fileNodes } from "../files/nodes.ts";
import type { Place } from "../files/place.ts";
import type { Node } from "./node.ts";

export interface ChildSources {
  list(place: Place): Promise<FileList>;
  inspect(id: string): Promise<ContainerInspectInfo>;
  readonly translate: (message: Message) => string;
}

/** Below a container's row: its files, what is mounted, its ports, its environment. */
export function containerChildren({ Id, Names, Mounts = [], Ports }: ContainerInfo, sources: ChildSources): Node[] {
  const { list, inspect, translate } = sources;
  // By its name, which people read in tabs and which stays when it is made anew.
  const root: Place = { kind: "container", id: Names[0]?.slice(1) ?? Id, path: "/" };
  const ports = [
    ...new Map(
      Ports.map((port): [string, Node] => {
        const key = `${port.PublicPort ?? ""}/${port.PrivatePort}/${port.Type}`;
        const inside = `${port.PrivatePort}/${port.Type}`;
        return [
          key,
          {
            id: `${Id}/port/${key}`,
            label: inside,
            description: port.PublicPort ? `→ localhost:${port.PublicPort}` : translate(msg("not published")),
            icon: { id: "globe" },
            kind: port.PublicPort ? "port.published" : "port.exposed",
            ...(port.PublicPort && port.Type === "tcp"
              ? { command: { id: "drydock.containers.openPort", arguments: [port.PublicPort] } }
              : {}),
          },
        ];
      }),
    ).values(),
  ];
  const mounts = Mounts.map((mount): Node => {
    const from = mount.Type === "volume" ? (mount.Name ?? "") : mount.Source;
    return {
      id: `${Id}/mount/${mount.Destination}`,
      label: mount.Destination,
      description: [mount.Type, from, mount.RW ? undefined : translate(msg("read only"))].filter(Boolean).join(" · "),
      icon: { id: mount.Type === "volume" ? "database" : "folder-library" },
      kind: "mount",
    };
  });
  const group = (name: string, label: Message, icon: string, children: readonly Node[]): Node[] =>
    children.length === 0
      ? []
      : [
          {
            id: `${Id}/${name}`,
            label: translate(label),
            description: String(children.length),
            icon: { id: icon },
            kind: "details",
            children,
          },
        ];
  return [
    {
      id: `${Id}/files`,
      label: translate(msg("Files")),
      icon: { id: "files" },
      kind: "folder.root",
      place: root,
      loadChildren: async () => fileNodes(root, await list(root), list),
    } as Node & { readonly place: Place },
    ...group("ports", msg("Ports"), "globe", ports),
    ...group("mounts", msg("Mounts"), "folder-library", mounts),
    {
      id: `${Id}/env`,
      label: translate(msg("Environment")),
      icon: { id: "symbol-variable" },
      kind: "details",
      loadChildren: async () =>
        ((await inspect(Id)).Config.Env ?? []).map((entry): Node => {
          const name = entry.slice(0, entry.indexOf("="));
          return {
            id: `${Id}/env/${name}`,
            label: name,
            description: entry.slice(name.length + 1),
            icon: { id: "symbol-constant" },
            kind: "variable",
          };
        }),
    },
  ];
}
