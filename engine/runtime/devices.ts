import { accessSync, constants, readdirSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { deviceForbidden, noSuchDevice } from "./errors.ts";
import type { HostFacts, RunSpec } from "./types.ts";

export interface DeviceBind {
  readonly source: string;
  readonly target: string;
}

/** What every container has (OCI runtime specification, "Default Devices"). */
export const usualDevices = ["null", "zero", "full", "random", "urandom", "tty"];
/** Folders of /dev that a container has for itself. */
const ownFolders = new Set(["pts", "shm", "mqueue", "fd"]);
const mostBelow = 4;

/**
 * The nodes to bind: of a folder all that are in it. Which of reading and writing is allowed is not kept apart: that takes a
 * device control group.
 * @throws EngineError `invalid-argument`, `forbidden`
 */
export function deviceBinds({ devices = [], process }: RunSpec, facts: HostFacts): DeviceBind[] {
  const asked = devices.flatMap(({ source, target, permissions }) => {
    const node = resolve(source);
    const found = nodesIn(node, target, mostBelow);
    if (found.length === 0) throw noSuchDevice(source);
    for (const { source: file } of found) checkAccess(file, permissions);
    return found;
  });
  // As Docker's: a privileged container has the host's.
  const all = process.privileged && facts.isolation === "root" ? nodesIn("/dev", "/dev", mostBelow) : [];
  const taken = new Set([
    ...asked.map(({ target }) => target),
    ...usualDevices.map((name) => `/dev/${name}`),
    "/dev/ptmx",
  ]);
  return [...asked, ...all.filter(({ target }) => !taken.has(target))];
}

function resolve(source: string): string {
  try {
    return realpathSync(source);
  } catch {
    throw noSuchDevice(source);
  }
}

function nodesIn(source: string, target: string, depth: number): DeviceBind[] {
  const stats = statSync(source, { throwIfNoEntry: false });
  if (!stats) return [];
  if (stats.isCharacterDevice() || stats.isBlockDevice()) return [{ source, target }];
  if (!stats.isDirectory() || depth === 0) return [];
  return readdirSync(source, { withFileTypes: true })
    .filter((entry) => !entry.isSymbolicLink() && !(source === "/dev" && ownFolders.has(entry.name)))
    .flatMap(({ name }) => nodesIn(path.join(source, name), `${target}/${name}`, depth - 1));
}

function checkAccess(file: string, permissions: string): void {
  const mode = (permissions.includes("r") ? constants.R_OK : 0) | (permissions.includes("w") ? constants.W_OK : 0);
  try {
    accessSync(file, mode);
  } catch {
    throw deviceForbidden(file);
  }
}
