import type { EngineStatus, Isolation } from "../../engine/base/drydock-api.ts";
import { type Message, msg } from "../../engine/base/message.ts";

export interface StatusRow {
  readonly kind: "fact" | "note";
  readonly label: Message;
  readonly value: Message;
  /** What cures it. */
  readonly command?: string;
}

const isolations: Readonly<Record<Isolation, Message>> = {
  root: msg("as root, in a mount namespace"),
  "user-namespace": msg("as your account, with all its subordinate ids"),
  "single-id": msg("as your account alone: images with several users will not work fully"),
  none: msg("not possible here: builds without RUN only"),
};

/** What the embedded engine can do here, and what it cannot, each with the command that cures it. */
export function statusRows(status: EngineStatus): readonly StatusRow[] {
  const { cgroups } = status;
  const facts: (readonly [Message, Message])[] = [
    [msg("Containers run"), isolations[status.isolation]],
    [msg("Network"), status.outbound === "none" ? msg("none of their own") : msg("{text}", { text: status.outbound })],
    [msg("Started by"), status.runtime === "builtin" ? msg("Drydock itself") : msg("{text}", { text: status.runtime })],
    [msg("System calls"), status.seccomp ? msg("filtered, as Docker does") : msg("not filtered")],
    [
      msg("Limits"),
      cgroups.version === undefined
        ? msg("have no effect here")
        : msg("{text}", { text: cgroups.controllers.join(", ") }),
    ],
    [
      msg("Running now"),
      msg("containers: {containers}, builds: {builds}", {
        containers: status.runningContainers,
        builds: status.activeBuilds,
      }),
    ],
    [msg("Socket"), msg("{text}", { text: status.socket })],
    [msg("Data"), msg("{text}", { text: status.home })],
    [msg("Version"), msg("{text}", { text: status.version })],
  ];
  const notes = status.notes.map((note): StatusRow => {
    const command = note.args?.command;
    const row = {
      kind: "note",
      label: command === undefined ? msg("Note") : msg("Can be cured"),
      value: note,
    } as const;
    return typeof command === "string" ? { ...row, command } : row;
  });
  return [...notes, ...facts.map(([label, value]): StatusRow => ({ kind: "fact", label, value }))];
}
