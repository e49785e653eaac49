import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { CgroupController, CgroupTree } from "../types.ts";

/** The folder of ours in every hierarchy; containers get folders in it. */
const ours = "drydock";
const v2Controllers: readonly CgroupController[] = ["memory", "cpu", "cpuset", "pids", "io"];
/** v1 has its own names, of which we use these. */
const v1Controllers: Readonly<Record<string, CgroupController | undefined>> = {
  memory: "memory",
  cpu: "cpu",
  cpuacct: undefined,
  cpuset: "cpuset",
  pids: "pids",
  blkio: "io",
  freezer: "freezer",
};

/**
 * Where this process may make control groups, and of which kind. Makes our folders there, because only that tells.
 * `undefined`: nowhere.
 */
export function findCgroupTree(self = readText("/proc/self/cgroup"), mountinfo = readText("/proc/self/mountinfo")) {
  const mounts = parseMounts(mountinfo);
  const own = parseMembership(self);
  return findV1(mounts) ?? findV2(mounts, own);
}

interface CgroupMount {
  readonly version: 1 | 2;
  /** Of the hierarchy, which part is to be seen here. */
  readonly root: string;
  readonly mountPoint: string;
  readonly controllers: readonly string[];
  readonly writable: boolean;
}

/** proc(5), mountinfo: a hierarchy of v1 names its controllers among its options. */
function parseMounts(mountinfo: string): CgroupMount[] {
  return mountinfo.split("\n").flatMap((line) => {
    const [before = "", after = ""] = line.split(" - ");
    const [, , , root = "", mountPoint = "", flags = ""] = before.split(" ");
    const [type, , options = ""] = after.split(" ");
    if (type !== "cgroup" && type !== "cgroup2") return [];
    const controllers = options.split(",").filter((name) => name in v1Controllers);
    const writable = flags.split(",").includes("rw");
    return [{ version: type === "cgroup" ? 1 : 2, root, mountPoint, controllers, writable }];
  });
}

/** The path of this process in the hierarchy of v2. */
function parseMembership(self: string): string {
  return /^0::(.*)$/m.exec(self)?.[1] ?? "/";
}

function findV1(mounts: readonly CgroupMount[]): CgroupTree | undefined {
  const folders: Record<string, string> = {};
  for (const mount of mounts) {
    if (mount.version !== 1 || !mount.writable) continue;
    const folder = path.join(mount.mountPoint, ours);
    for (const controller of mount.controllers) if (tryToMake(folder)) folders[controller] = folder;
  }
  if (folders.cpuset !== undefined) inheritCpuset(folders.cpuset);
  const controllers = Object.keys(folders).flatMap((name) => v1Controllers[name] ?? []);
  return controllers.length > 0 ? { version: 1, folders, controllers } : undefined;
}

function findV2(mounts: readonly CgroupMount[], own: string): CgroupTree | undefined {
  const mount = mounts.find(({ version, writable }) => version === 2 && writable);
  if (!mount) return undefined;
  const inside = path.relative(mount.root, own);
  if (inside.startsWith("..")) return undefined;
  const top = highestOfOurs(mount.mountPoint, path.join(mount.mountPoint, inside));
  if (top === undefined) return undefined;
  const folder = path.join(top, ours);
  makeRoom(top);
  if (!tryToMake(folder)) return undefined;
  for (const parent of [top, folder]) passOn(parent);
  const passed = readText(path.join(folder, "cgroup.subtree_control")).trim().split(" ");
  const freezer: CgroupController[] = existsSync(path.join(folder, "cgroup.freeze")) ? ["freezer"] : [];
  return {
    version: 2,
    folders: { unified: folder },
    controllers: [...v2Controllers.filter((name) => passed.includes(name)), ...freezer],
  };
}

/**
 * The group nearest to the root that is ours to use: systemd gives an account the tree of its user manager, a container the
 * tree below its own root. Between it and us everything must be ours, or processes could not be moved.
 */
function highestOfOurs(root: string, own: string): string | undefined {
  let best: string | undefined;
  for (let at = own; ; at = path.dirname(at)) {
    if (!["", "cgroup.procs", "cgroup.subtree_control"].every((name) => isWritable(path.join(at, name)))) return best;
    best = at;
    if (at === root) return best;
  }
}

/** cgroups(7), "no internal processes": a group but the very first that passes controllers on may have no processes itself. */
function makeRoom(top: string): void {
  const isVeryFirst = !existsSync(path.join(top, "cgroup.type"));
  const pids = readText(path.join(top, "cgroup.procs")).split("\n").filter(Boolean);
  if (isVeryFirst || pids.length === 0) return;
  const room = path.join(top, `${ours}-engine`);
  if (!tryToMake(room)) return;
  for (const pid of pids) tryToWrite(path.join(room, "cgroup.procs"), pid);
}

/** One by one: what cannot be passed on must not keep the others. */
function passOn(folder: string): void {
  const available = readText(path.join(folder, "cgroup.controllers")).trim().split(" ");
  for (const name of v2Controllers) {
    if (available.includes(name)) tryToWrite(path.join(folder, "cgroup.subtree_control"), `+${name}`);
  }
}

/** cpuset(7): a new group of v1 has no processors and no memory nodes, and takes no process until it has. */
export function inheritCpuset(folder: string): void {
  for (const name of ["cpuset.cpus", "cpuset.mems"]) {
    const file = path.join(folder, name);
    if (readText(file).trim() === "") tryToWrite(file, readText(path.join(path.dirname(folder), name)).trim());
  }
}

function tryToMake(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true });
    return isWritable(folder);
  } catch {
    return false;
  }
}

function tryToWrite(file: string, value: string): void {
  try {
    writeFileSync(file, value);
  } catch {
    // Whoever needs it looks at what came of it.
  }
}

function isWritable(file: string): boolean {
  try {
    accessSync(file, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
