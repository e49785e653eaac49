import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { CgroupLimits, CgroupMember, CgroupPlace, Cgroups, CgroupTree, HostFacts } from "../types.ts";
import { cgroupFailed, limitNotTaken, notFrozen } from "./errors.ts";
import { type LimitWrite, writesOfV1, writesOfV2 } from "./limits.ts";
import { goingOn, processesOf, signalEach, summedUsage } from "./members.ts";
import { inheritCpuset } from "./tree.ts";
import { usageV1, usageV2 } from "./usage.ts";

const patienceMs = 10_000;
const lookAgainMs = 5;

export function createCgroups(facts: Pick<HostFacts, "cgroups">): Cgroups {
  const tree = facts.cgroups;
  const controllers = new Set(tree?.controllers ?? []);
  return {
    version: tree?.version,
    controllers,
    async create(name, limits) {
      if (!tree) return undefined;
      if (!/^\w[\w.-]*$/.test(name)) throw new Error(`not a file name: ${name}`);
      const place = placeOf(tree, name);
      if (foldersOf(place).some((folder) => existsSync(folder))) await remove(place);
      try {
        for (const folder of foldersOf(place)) mkdirSync(folder);
        if (place.version === 1 && place.folders.cpuset !== undefined) inheritCpuset(place.folders.cpuset);
        setLimits(place, limits);
      } catch (error) {
        await remove(place);
        throw isSystemError(error) ? cgroupFailed(error.message) : error;
      }
      return place;
    },
    async update(place, limits) {
      setLimits(place, limits);
    },
    async usage({ place, pid }) {
      if (!place) return summedUsage(pid);
      const read = (controller: string, file: string) => readText(fileOf(place, controller, file));
      const usage = place.version === 1 ? usageV1(read) : usageV2(read);
      // Without the controller the numbers that anybody can add up are better than none.
      return usage.memoryBytes === undefined ? { ...summedUsage(pid), ...usage } : usage;
    },
    async freeze(member) {
      if (!(await setFrozen(member, true))) throw notFrozen();
    },
    async thaw(member) {
      if (!(await setFrozen(member, false))) throw notFrozen();
    },
    remove,
  };
}

function placeOf({ version, folders }: CgroupTree, name: string): CgroupPlace {
  const entries = Object.entries(folders).map(([controller, folder]) => [controller, path.join(folder, name)]);
  return { version, folders: Object.fromEntries(entries) };
}

/** Controllers of v1 may share a folder. */
function foldersOf(place: CgroupPlace): string[] {
  return [...new Set(Object.values(place.folders))];
}

function fileOf(place: CgroupPlace, controller: string, file: string): string {
  return path.join(place.folders[controller] ?? "/nowhere", file);
}

/** What has no controller here is left out: whoever asks has been told by `controllers`. */
function setLimits(place: CgroupPlace, limits: CgroupLimits): void {
  const writes = (place.version === 1 ? writesOfV1(limits) : writesOfV2(limits)).flatMap((write) => {
    const file = write.files.map((name) => fileOf(place, write.controller, name)).find((name) => existsSync(name));
    return file === undefined ? [] : [{ ...write, file }];
  });
  // The limit of memory and that of memory with swap check each other, so that their order depends on what is there.
  const refused = writes.filter((write) => failureOf(write) !== undefined);
  for (const write of refused) {
    const failure = failureOf(write);
    if (failure !== undefined) throw limitNotTaken(path.basename(write.file), write.value, failure);
  }
}

function failureOf({ file, value }: LimitWrite & { readonly file: string }): string | undefined {
  try {
    writeFileSync(file, value);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

/** False when it did not come about in time. */
async function setFrozen({ place, pid }: CgroupMember, frozen: boolean): Promise<boolean> {
  const [file, isDone] = freezerOf(place, frozen);
  const deadline = performance.now() + patienceMs;
  if (file === undefined) return frozen ? stopAll(pid, deadline) : resumeAll(pid);
  do {
    writeFileSync(file, place?.version === 1 ? (frozen ? "FROZEN" : "THAWED") : frozen ? "1" : "0");
    if (isDone()) return true;
    await delay(lookAgainMs);
  } while (performance.now() < deadline);
  if (frozen) writeFileSync(file, place?.version === 1 ? "THAWED" : "0");
  return false;
}

async function stopAll(pid: number, deadline: number): Promise<boolean> {
  for (;;) {
    const members = goingOn(pid);
    if (members.length === 0) return true;
    if (performance.now() > deadline) return !resumeAll(pid);
    signalEach(members, pid, "SIGSTOP");
    await delay(lookAgainMs);
  }
}

function resumeAll(pid: number): true {
  signalEach(processesOf(pid), pid, "SIGCONT");
  return true;
}

function freezerOf(place: CgroupPlace | undefined, frozen: boolean): readonly [string | undefined, () => boolean] {
  const { freezer, unified } = place?.folders ?? {};
  if (freezer !== undefined) {
    const file = path.join(freezer, "freezer.state");
    return [file, () => readText(file).trim() === (frozen ? "FROZEN" : "THAWED")];
  }
  const file = unified === undefined ? undefined : path.join(unified, "cgroup.freeze");
  if (file === undefined || !existsSync(file)) return [undefined, () => true];
  const events = path.join(path.dirname(file), "cgroup.events");
  return [file, () => readText(events).includes(`frozen ${frozen ? 1 : 0}`)];
}

async function remove(place: CgroupPlace): Promise<void> {
  const folders = foldersOf(place);
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const left = folders.filter((folder) => !removeFolder(folder));
    if (left.length === 0) return;
    if (performance.now() > deadline) throw cgroupFailed(`${left[0]} is busy`);
    for (const folder of left) killAll(folder);
    // Who is frozen in v1 does not even die.
    const { freezer } = place.folders;
    if (freezer !== undefined && existsSync(freezer)) writeFileSync(path.join(freezer, "freezer.state"), "THAWED");
    await delay(lookAgainMs);
  }
}

/** With the groups that the container made in it. False when somebody is in there. */
function removeFolder(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return true;
    const below = groupsBelow(folder);
    return below.length > 0 && below.every(removeFolder) && removeFolder(folder);
  }
}

function killAll(folder: string): void {
  const all = path.join(folder, "cgroup.kill");
  if (existsSync(all)) {
    writeFileSync(all, "1");
    return;
  }
  for (const group of groupsBelow(folder)) killAll(group);
  for (const pid of readText(path.join(folder, "cgroup.procs")).split("\n").map(Number)) {
    try {
      // Read this instant, so it is the one that is meant. 0 is a process of a namespace that we do not see.
      if (pid > 0) process.kill(pid, "SIGKILL");
    } catch {
      // It has just ended.
    }
  }
}

function groupsBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => path.join(folder, entry.name));
  } catch {
    return [];
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "errno" in error;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
