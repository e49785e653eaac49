import { existsSync, mkdirSync, realpathSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ensure, locate, type PathView } from "./container-paths.ts";
import { deviceBinds, usualDevices } from "./devices.ts";
import { hostileRoot, mountSourceMissing } from "./errors.ts";
import { type MountEntry, mountOf, mountsBelow } from "./mountinfo.ts";
import { protectedPaths } from "./protected-paths.ts";
import { defaultShmBytes, tmpfsOptions } from "./tmpfs.ts";
import type { HostFacts, Mount, RunSpec } from "./types.ts";

/** Everything that will be mounted for a run, as fstab(5) files that one mount(8) process each works through. */
export interface MountPlan {
  readonly view: PathView;
  /** Where the container's root is put together: `<stateDir>/root`. */
  readonly root: string;
  /** Flags of its mount, to be repeated when they change. */
  readonly rootFlags: readonly string[];
  /** Root, /dev, /sys and the tmpfs mounts. Then /dev is filled and `touch` is made, then the second file. */
  readonly first: string;
  readonly touch: readonly string[];
  readonly second: string;
  /** mount(8) gives flags to the top of a bound tree only; these are the mounts below. */
  readonly remounts: readonly { readonly target: string; readonly flags: string }[];
  /** Inside the new pid namespace: /proc and what hides or protects parts of it. */
  readonly third: string;
  readonly devTemplate: string;
}

interface PlanOptions {
  readonly facts: HostFacts;
  /** False when a sysfs of its own is refused: the host's is bound, read only. */
  readonly ownSysfs: boolean;
  readonly mounts: readonly MountEntry[];
  /** An empty folder, filled with what is copied into the new /dev. */
  readonly devTemplate: string;
  /** Gets what had to be made in the root file system to mount on, also when the plan fails. */
  readonly created: string[];
  /** What the launcher itself adds. */
  readonly more?: readonly Mount[];
}

/** @throws EngineError `invalid-argument` for a mount that cannot be made */
export function planMounts(
  spec: RunSpec,
  { facts, ownSysfs, mounts, created, devTemplate, more = [] }: PlanOptions,
): MountPlan {
  const root = path.join(spec.stateDir, "root");
  mkdirSync(root, { recursive: true });
  const view: PathView = { root: spec.rootfs, mounted: new Map() };
  const privileged = spec.process.privileged === true;
  for (const folder of ["/dev", "/proc", "/sys"]) {
    const found = locate(view, folder);
    if (found.path !== folder || (found.stats && !found.stats.isDirectory())) throw hostileRoot(folder);
    ensure(view, folder, "folder", created);
  }
  for (const folder of ["/dev", "/proc", "/sys"]) view.mounted.set(folder, undefined);

  const first: string[] = [];
  const second: string[] = [];
  const touch: string[] = [];
  const remounts: { target: string; flags: string }[] = [];
  const line = (source: string, target: string, type: string, options: string) =>
    `${[source, target === "/" ? root : root + target].map(escapeField).join(" ")} ${type} ${options} 0 0`;
  /** Bind of a tree with all its mounts; flags of the source's mount stay, because a user namespace may not drop them. */
  const bind = (source: string, target: string, extra: readonly string[], more = "") => {
    const flags = [...new Set([...extra, ...keptFlags(mountOf(mounts, source))])];
    return line(source, target, "none", ["rbind", ...flags].join(",") + more);
  };
  // nodev everywhere: without a device cgroup, CAP_MKNOD (Docker's default) would otherwise open the host's disks to root.
  const nodev = privileged ? [] : ["nodev"];

  const rootSource = realpathSync(spec.rootfs);
  const rootFlags = [...new Set([...nodev, ...keptFlags(mountOf(mounts, rootSource))])];
  first.push(bind(rootSource, "/", nodev));
  first.push(line("tmpfs", "/dev", "tmpfs", "nosuid,nodev,mode=755,size=65536k"));
  const sysReadOnly = privileged ? "" : "ro,";
  if (ownSysfs) first.push(line("sysfs", "/sys", "sysfs", `${sysReadOnly}nosuid,nodev,noexec`));
  else first.push(bind("/sys", "/sys", ["ro"]));
  const cgroupFlags = ["nosuid", "nodev", "noexec", ...(privileged ? [] : ["ro"])];
  if (spec.cgroup?.version === 2) {
    first.push(bind(spec.cgroup.folders.unified ?? "", "/sys/fs/cgroup", cgroupFlags));
  } else if (spec.cgroup || !ownSysfs) {
    // What is mounted below is not read only with it. Nothing there lets this user in but perhaps his own control group.
    first.push(line("tmpfs", "/sys/fs/cgroup", "tmpfs", "nosuid,nodev,noexec,mode=755,size=16k"));
    for (const [name, folder] of Object.entries(spec.cgroup?.folders ?? {}))
      first.push(bind(folder, `/sys/fs/cgroup/${name}`, cgroupFlags, ",x-mount.mkdir"));
    first.push(line("none", "/sys/fs/cgroup", "none", "remount,bind,ro,nosuid,nodev,noexec"));
  }

  const group = facts.isolation === "single-id" ? "" : ",gid=5";
  second.push(line("devpts", "/dev/pts", "devpts", `nosuid,noexec,newinstance,ptmxmode=0666,mode=0620${group}`));
  if (spec.ipc === "host") {
    for (const name of ["shm", "mqueue"])
      if (existsSync(`/dev/${name}`)) second.push(bind(`/dev/${name}`, `/dev/${name}`, ["nosuid", "nodev", "noexec"]));
  } else {
    const size = spec.shmSizeBytes ?? defaultShmBytes;
    if (spec.shm === undefined)
      second.push(line("shm", "/dev/shm", "tmpfs", `nosuid,nodev,noexec,mode=1777,size=${size}`));
    else if (spec.shm !== "none")
      second.push(bind(sourceOf(spec.shm.folder, "/dev/shm"), "/dev/shm", ["nosuid", "nodev", "noexec"]));
    second.push(line("mqueue", "/dev/mqueue", "mqueue", "nosuid,nodev,noexec,nofail"));
  }
  const ownDevices = usualDevices.filter((name) => existsSync(`/dev/${name}`));
  for (const name of ownDevices) second.push(line(`/dev/${name}`, `/dev/${name}`, "none", "bind"));
  // script(1) runs outside of the container's root and must open its terminal from the container's own devpts.
  second.push(`${escapeField(`${root}/dev/pts`)} /dev/pts none bind 0 0`);
  second.push(`${escapeField(`${root}/dev/pts/ptmx`)} /dev/ptmx none bind 0 0`);
  for (const { source, target } of deviceBinds(spec, facts)) {
    const place = ensure(view, target, "file", created);
    if (place.host === undefined) touch.push(place.path);
    second.push(line(source, place.path, "none", "bind"));
    view.mounted.set(place.path, source);
  }

  const covered: string[] = [];
  for (const mount of [...spec.mounts, ...more]) {
    if (mount.type === "tmpfs") {
      const target = ensure(view, mount.target, "folder", created);
      const below = covered.some((parent) => target.path.startsWith(`${parent}/`));
      const options = [...tmpfsOptions(mount, facts), ...(target.host === undefined ? ["x-mount.mkdir"] : [])].join(
        ",",
      );
      (below || target.host === undefined ? second : first).push(line("tmpfs", target.path, "tmpfs", options));
      view.mounted.set(target.path, undefined);
      if (mount.readOnly) {
        const flags = `ro,nosuid,nodev${mount.noExec ? ",noexec" : ""}`;
        remounts.push({ target: root + target.path, flags });
      }
      continue;
    }
    const source = sourceOf(mount.source, mount.target);
    const kind = statSync(source).isDirectory() ? "folder" : "file";
    const target = ensure(view, mount.target, kind, created);
    const unknown = target.host === undefined;
    if (unknown && kind === "file") touch.push(target.path);
    const flags = [...nodev, ...(mount.readOnly ? ["ro"] : [])];
    second.push(bind(source, target.path, flags, unknown && kind === "folder" ? ",x-mount.mkdir" : ""));
    for (const below of mountsBelow(mounts, source)) {
      const at = root + target.path + below.mountPoint.slice(source.length);
      remounts.push({ target: at, flags: [...new Set([...flags, ...keptFlags(below)])].join(",") });
    }
    view.mounted.set(target.path, source);
    covered.push(target.path);
  }

  // A namespace that is not the container's own cannot be mounted by an ordinary user.
  const third = [
    spec.pid === "host"
      ? bind("/proc", "/proc", ["nosuid", "nodev", "noexec"])
      : line("proc", "/proc", "proc", "nosuid,nodev,noexec"),
  ];
  const hidden = protectedPaths(spec);
  // /proc and /sys of the container are not there yet; the host's have the same.
  const find = (target: string) =>
    /^\/(proc|sys)\//.test(target) ? { path: target, stats: statSync(target) } : locate(view, target);
  for (const target of hidden.masked) {
    const { path: at, stats } = find(target);
    if (!stats) continue;
    if (stats.isDirectory()) third.push(line("tmpfs", at, "tmpfs", "ro,nosuid,nodev,noexec,size=0k"));
    else third.push(line("/dev/null", at, "none", "bind"));
  }
  for (const target of hidden.readOnly) {
    const { path: at, stats } = find(target);
    if (stats) third.push(line(root + at, at, "none", "bind,ro,nosuid,nodev,noexec"));
  }
  makeDevTemplate(devTemplate, spec.shm === "none" ? ["pts", "mqueue"] : ["pts", "shm", "mqueue"], ownDevices);
  const text = (lines: readonly string[]) => `${lines.join("\n")}\n`;
  return {
    view,
    root,
    rootFlags,
    first: text(first),
    touch,
    second: text(second),
    remounts,
    third: text(third),
    devTemplate,
  };
}

/** What is copied into the new /dev: mount points and Docker's links. */
function makeDevTemplate(folder: string, folders: readonly string[], ownDevices: readonly string[]): void {
  for (const name of folders) mkdirSync(path.join(folder, name), { mode: 0o755 });
  for (const name of ownDevices) writeFileSync(path.join(folder, name), "");
  symlinkSync("/proc/self/fd", path.join(folder, "fd"));
  for (const [fd, name] of ["stdin", "stdout", "stderr"].entries()) {
    symlinkSync(`/proc/self/fd/${fd}`, path.join(folder, name));
  }
  symlinkSync("pts/ptmx", path.join(folder, "ptmx"));
}

function sourceOf(source: string, target: string): string {
  try {
    return realpathSync(source);
  } catch {
    throw mountSourceMissing(source, target);
  }
}

function keptFlags(entry: MountEntry | undefined): readonly string[] {
  return (entry?.flags ?? []).filter((flag) =>
    ["ro", "nosuid", "nodev", "noexec", "noatime", "nodiratime"].includes(flag),
  );
}

/** fstab(5): blanks, tabs, line ends and backslashes in octal. */
function escapeField(text: string): string {
  return text.replace(/[ \t\n\\#]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`);
}
