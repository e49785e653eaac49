import { lstatSync, readFileSync } from "node:fs";
import { idOutOfRange, unknownGroup, unknownUser } from "./lookup-errors.ts";
import { resolveInRoot } from "./root-path.ts";

interface ResolvedUser {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups; none when a group was named (`USER 4:5`). */
  readonly additionalGids: readonly number[];
  /** Home folder of the passwd entry, `/` without one. */
  readonly home: string;
}

interface UserEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

interface GroupEntry {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

const maxId = 2 ** 31 - 1;
const maxFileBytes = 4 * 1024 * 1024;

/**
 * Who `user[:group]` is in a root file system, by the rules of OCI runtimes: a number is always an id and needs no entry;
 * a name must be in /etc/passwd (/etc/group). `` means root.
 * @throws EngineError `invalid-argument` for an unknown name.
 */
export function resolveUser(rootfs: string, user: string): ResolvedUser {
  const colon = user.indexOf(":");
  const userPart = (colon < 0 ? user : user.slice(0, colon)) || "0";
  const groupPart = colon < 0 ? "" : user.slice(colon + 1);

  const entry = findUser(rootfs, userPart);
  const number = numericId(userPart);
  if (!entry && number === undefined) throw unknownUser(userPart);
  const uid = entry?.uid ?? number ?? 0;
  const home = entry?.home || "/";
  if (groupPart !== "") return { uid, gid: resolveGroup(rootfs, groupPart), additionalGids: [], home };

  const gid = entry?.gid ?? 0;
  const additionalGids = entry
    ? [...new Set(groupsOf(rootfs).flatMap((group) => (group.members.includes(entry.name) ? [group.gid] : [])))]
    : [];
  return { uid, gid, additionalGids, home };
}

/** The passwd entry of a name or number. */
export function findUser(rootfs: string, nameOrId: string): UserEntry | undefined {
  const id = numericId(nameOrId);
  return usersOf(rootfs).find((user) => (id === undefined ? user.name === nameOrId : user.uid === id));
}

/** The group entry of a name or number. */
export function findGroup(rootfs: string, nameOrId: string): GroupEntry | undefined {
  const id = numericId(nameOrId);
  return groupsOf(rootfs).find((group) => (id === undefined ? group.name === nameOrId : group.gid === id));
}

/** A decimal id, or undefined for a name. @throws EngineError when it is too large. */
export function numericId(text: string): number | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const id = Number(text);
  if (id > maxId) throw idOutOfRange(text);
  return id;
}

/** The id of a group by its name or number; a number needs no entry. @throws EngineError `invalid-argument` */
export function resolveGroup(rootfs: string, nameOrId: string): number {
  const gid = findGroup(rootfs, nameOrId)?.gid ?? numericId(nameOrId);
  if (gid === undefined) throw unknownGroup(nameOrId);
  return gid;
}

function usersOf(rootfs: string): UserEntry[] {
  return linesOf(rootfs, "/etc/passwd").flatMap(([name, , uid, gid, , home]) =>
    name && isId(uid) && isId(gid) ? [{ name, uid: Number(uid), gid: Number(gid), home: home ?? "" }] : [],
  );
}

function groupsOf(rootfs: string): GroupEntry[] {
  return linesOf(rootfs, "/etc/group").flatMap(([name, , gid, members]) =>
    name && isId(gid)
      ? [{ name, gid: Number(gid), members: (members ?? "").split(",").map((member) => member.trim()) }]
      : [],
  );
}

function isId(text: string | undefined): text is string {
  return text !== undefined && /^\d+$/.test(text) && Number(text) <= maxId;
}

/** An image decides what these files are: only a regular file of sane size is read, never a pipe or a device. */
function linesOf(rootfs: string, file: string): string[][] {
  const place = resolveInRoot(rootfs, file);
  try {
    const stat = lstatSync(place);
    if (!stat.isFile() || stat.size > maxFileBytes) return [];
    return readFileSync(place, "utf8")
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => line.split(":"));
  } catch {
    return [];
  }
}
