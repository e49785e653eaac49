import { existsSync, mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { defaultShmBytes } from "../runtime/tmpfs.ts";
import type { HostFacts, NamespaceChoice, RunSpec } from "../runtime/types.ts";
import { complaintOf } from "../snapshot/machine.ts";
import { unmount } from "../snapshot/overlay.ts";
import { ipcNotShareable, namespaceOfStopped, shmFailed } from "./errors.ts";
import { type ContainerFolder, containerFolder } from "./folder.ts";
import type { Container } from "./types.ts";

export interface IpcTools {
  readonly facts: HostFacts;
  /** @throws EngineError `not-found` */
  find(nameOrId: string): Container;
  pidOf(nameOrId: string): number | undefined;
}

/** What `--ipc` makes of a run. */
export type IpcPlace = Pick<RunSpec, "ipc" | "shm">;

/**
 * Before a start. A shareable container's /dev/shm is a tmpfs beside its record, so that others can have it too: what is mounted
 * inside of a container cannot be bound from outside. @throws EngineError `conflict`, `not-found`, `runtime-failed`
 */
export async function prepareIpc(
  { facts, find, pidOf }: IpcTools,
  { options }: Container,
  folder: ContainerFolder,
): Promise<IpcPlace> {
  const mode = options.ipcMode ?? "private";
  if (mode === "host") return { ipc: "host" };
  if (mode === "none") return { ipc: "new", shm: "none" };
  const donor = donorOf(mode);
  if (donor !== undefined) return joined(donor, { find, pidOf }, path.dirname(path.dirname(folder.dir)));
  if (mode !== "shareable") return { ipc: "new" };
  await unmount(facts, folder.shm);
  mkdirSync(folder.shm, { recursive: true, mode: 0o700 });
  const size = options.shmSizeBytes ?? defaultShmBytes;
  const flags = `nosuid,nodev,noexec,mode=1777,size=${size}`;
  const complaint = await complaintOf(facts.tools.mount ?? "mount", [
    "-n",
    "-t",
    "tmpfs",
    "-o",
    flags,
    "shm",
    folder.shm,
  ]);
  if (complaint !== undefined) throw shmFailed(complaint.trim().split("\n")[0] ?? "");
  return { ipc: "new", shm: { folder: folder.shm } };
}

/** After the end: those who share it keep what is in it. */
export async function releaseIpc(facts: HostFacts, { options }: Container, folder: ContainerFolder): Promise<void> {
  if (options.ipcMode !== "shareable") return;
  await unmount(facts, folder.shm);
  rmSync(folder.shm, { recursive: true, force: true });
}

function donorOf(mode: string | undefined): string | undefined {
  return /^container:(.+)$/.exec(mode ?? "")?.[1];
}

/** A donor may itself have joined another one. */
function joined(name: string, { find, pidOf }: Pick<IpcTools, "find" | "pidOf">, home: string): IpcPlace {
  const ofPid = pidOf(name);
  if (ofPid === undefined) throw namespaceOfStopped("IPC", name);
  const ipc: NamespaceChoice = { ofPid };
  const { id, options } = find(name);
  if (options.ipcMode === "host") return { ipc: "host" };
  const next = donorOf(options.ipcMode);
  if (next !== undefined) {
    const further = joined(next, { find, pidOf }, home);
    return further.ipc === "host" ? further : { ...further, ipc };
  }
  const { shm } = containerFolder(home, id);
  if (options.ipcMode !== "shareable" || !existsSync(shm)) throw ipcNotShareable(name);
  return { ipc, shm: { folder: shm } };
}
