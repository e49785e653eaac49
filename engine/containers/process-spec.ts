import { accessSync, constants, existsSync, mkdirSync, statSync } from "node:fs";
import type { CgroupPlace, Mount, NamespaceChoice, ProcessSpec, RunSpec } from "../runtime/types.ts";
import { resolveGroup, resolveUser } from "../snapshot/users.ts";
import { bindSourceUnusable, invalidTmpfs, namespaceOfStopped } from "./errors.ts";
import type { ContainerFolder } from "./folder.ts";
import type { IpcPlace } from "./ipc.ts";
import { processEnv } from "./merge.ts";
import type { Container, ExecOptions } from "./types.ts";

const firstSize = { rows: 24, columns: 80 };

export interface RunPlace {
  /** Where the root file system is mounted. */
  readonly rootfs: string;
  readonly folder: ContainerFolder;
  readonly cgroup: CgroupPlace | undefined;
  /** The network namespace that the process enters by itself; absent: the monitor's, or none. */
  readonly networkPath: string | undefined;
  /** What `Volumes.prepare` says. */
  readonly volumes: readonly Mount[];
  /** What `Networks.linkVariables` says. */
  readonly links: readonly string[];
  readonly ipc: IpcPlace;
  /** The first process of a container, for what shares its namespaces; undefined when it is not running. */
  pidOf(nameOrId: string): number | undefined;
}

/** What the runtime is to run for a container. @throws EngineError `invalid-argument`, `conflict` */
export function runSpec(
  container: Container,
  { rootfs, folder, cgroup, networkPath, volumes, links, ipc, pidOf }: RunPlace,
): RunSpec {
  const { options } = container;
  const { ulimits, shmSizeBytes, sysctls, devices, maskedPaths, readonlyPaths, domainname, init } = options;
  const seccomp = seccompOf(options);
  return {
    rootfs,
    readOnlyRootfs: options.readOnlyRootfs ?? false,
    hostname: container.hostname,
    process: processSpec(container, rootfs, {
      args: [container.path, ...container.args],
      links,
      tty: options.tty ?? false,
      user: container.user,
      workingDir: container.workingDir,
    }),
    mounts: mountsOf(container, folder, volumes),
    network: networkPath !== undefined ? { path: networkPath } : options.networkMode === "none" ? "none" : "current",
    pid: pidNamespace(options.pidMode, pidOf),
    ...ipc,
    uts: options.utsMode === "host" ? "host" : "new",
    stateDir: folder.state,
    ...(domainname ? { domainname } : {}),
    ...(init ? { init } : {}),
    ...(cgroup ? { cgroup } : {}),
    ...(seccomp ? { seccomp } : {}),
    ...(sysctls ? { sysctls } : {}),
    ...(devices ? { devices } : {}),
    ...(maskedPaths ? { maskedPaths } : {}),
    ...(readonlyPaths ? { readonlyPaths } : {}),
    ...(shmSizeBytes ? { shmSizeBytes } : {}),
    ...(ulimits ? { limits: ulimits } : {}),
  };
}

function pidNamespace(mode: string | undefined, pidOf: RunPlace["pidOf"]): NamespaceChoice {
  if (mode === "host") return "host";
  const name = /^container:(.+)$/.exec(mode ?? "")?.[1];
  if (name === undefined) return "new";
  const pid = pidOf(name);
  if (pid === undefined) throw namespaceOfStopped("PID", name);
  return { ofPid: pid };
}

function seccompOf({ seccomp = "default", privileged }: Container["options"]): string | undefined {
  return privileged || seccomp === "unconfined" ? undefined : seccomp;
}

/** What asks a running container for its health. */
export function healthSpec(
  container: Container,
  { rootfs, links }: Pick<RunPlace, "rootfs" | "links">,
  args: readonly string[],
): ProcessSpec {
  const { user, workingDir } = container;
  return processSpec(container, rootfs, { args, links, tty: false, user, workingDir });
}

/** What the runtime is to run beside a running container's first process. */
export function execSpec(
  container: Container,
  { rootfs, links }: Pick<RunPlace, "rootfs" | "links">,
  exec: ExecOptions,
): ProcessSpec {
  return processSpec(container, rootfs, {
    args: exec.args,
    links,
    env: exec.env ?? [],
    tty: exec.tty ?? false,
    user: exec.user || container.user,
    workingDir: exec.workingDir || container.workingDir,
    privileged: exec.privileged ?? false,
  });
}

interface ProcessWish {
  readonly args: readonly string[];
  readonly links: readonly string[];
  readonly env?: readonly string[];
  readonly tty: boolean;
  readonly user: string;
  readonly workingDir: string;
  readonly privileged?: boolean;
}

function processSpec(container: Container, rootfs: string, wish: ProcessWish): ProcessSpec {
  const { capAdd, capDrop, privileged, noNewPrivileges, groupAdd = [], oomScoreAdj, consoleSize } = container.options;
  const user = resolveUser(rootfs, wish.user);
  const groups = groupAdd.map((group) => resolveGroup(rootfs, group));
  return {
    args: wish.args,
    env: processEnv(container, { tty: wish.tty, home: user.home, env: wish.env ?? [], links: wish.links }),
    cwd: wish.workingDir,
    uid: user.uid,
    gid: user.gid,
    additionalGids: [...new Set([...user.additionalGids, ...groups])],
    ...(wish.tty ? { tty: consoleSize ?? firstSize } : {}),
    ...(capAdd ? { capAdd } : {}),
    ...(capDrop ? { capDrop } : {}),
    privileged: Boolean(privileged || wish.privileged),
    noNewPrivileges: noNewPrivileges ?? false,
    ...(oomScoreAdj ? { oomScoreAdj } : {}),
  };
}

function mountsOf(container: Container, folder: ContainerFolder, volumes: readonly Mount[]): Mount[] {
  const own: Mount[] = [
    { type: "bind", source: folder.resolvConf, target: "/etc/resolv.conf", readOnly: false },
    { type: "bind", source: folder.hostname, target: "/etc/hostname", readOnly: false },
    { type: "bind", source: folder.hosts, target: "/etc/hosts", readOnly: false },
  ];
  const given = container.mounts.flatMap((mount): Mount[] => {
    if (mount.type === "tmpfs") return [tmpfsMount(mount.target, mount.options)];
    if (mount.type === "volume") return volumes.filter(({ target }) => target === mount.target);
    if (mount.makeSource) makeSource(mount.source);
    return [{ type: "bind", source: mount.source, target: mount.target, readOnly: mount.readOnly }];
  });
  const taken = new Set(given.map(({ target }) => target));
  // Last, because a volume over /etc would cover them.
  return [...given, ...own.filter(({ target }) => !taken.has(target) && mayBeMade(target, given))];
}

/** Whether a file is there to be mounted over, or can be: what covers its folder may be read only. */
function mayBeMade(target: string, given: readonly Mount[]): boolean {
  const covering = given.findLast((mount) => target.startsWith(`${mount.target}/`));
  if (covering?.type !== "bind" || existsSync(covering.source + target.slice(covering.target.length))) return true;
  if (covering.readOnly) return false;
  try {
    accessSync(covering.source, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** As `docker run -v` does: a source that is missing becomes a folder. */
function makeSource(source: string): void {
  try {
    if (statSync(source, { throwIfNoEntry: false }) === undefined) mkdirSync(source, { recursive: true });
  } catch (error) {
    throw bindSourceUnusable(source, error);
  }
}

const units: Readonly<Record<string, number>> = { "": 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** What Docker takes beside `size` and the like; of these `ro`, `rw`, `exec` and `noexec` say something here. */
const tmpfsFlags = new RegExp(
  `^(defaults|r[ow]|r?(bind|unbindable|private|shared|slave)|a?sync|dirsync|remount|${[
    ...["suid", "dev", "exec", "mand", "atime", "diratime", "relatime", "strictatime"].map((flag) => `(no)?${flag}`),
    "(nr_blocks|mpol)=.*",
  ].join("|")})?$`,
);

/** From mount(8)'s options. As with Docker nothing in it can be executed unless they say `exec`. @throws EngineError `invalid-argument` */
export function tmpfsMount(target: string, text: string): Mount {
  const numbers: { sizeBytes?: number; mode?: number; uid?: number; gid?: number; inodes?: number } = {};
  let [noExec, readOnly] = [true, false];
  for (const option of text.split(",")) {
    const size = /^size=(\d+)([kmg]?)$/i.exec(option);
    const permissions = /^mode=([0-7]{3,4})$/.exec(option);
    const [, name = "", number] = /^(uid|gid|nr_inodes)=(\d+)$/.exec(option) ?? [];
    if (size) numbers.sizeBytes = Number(size[1]) * (units[(size[2] ?? "").toLowerCase()] ?? 1);
    else if (permissions) numbers.mode = Number.parseInt(permissions[1] ?? "", 8);
    else if (name === "uid" || name === "gid") numbers[name] = Number(number);
    else if (name !== "") numbers.inodes = Number(number);
    else if (/^(no)?exec$/.test(option)) noExec = option === "noexec";
    else if (/^r[ow]$/.test(option)) readOnly = option === "ro";
    else if (!tmpfsFlags.test(option)) throw invalidTmpfs(target, option);
  }
  return { type: "tmpfs", target, ...numbers, ...(readOnly && { readOnly }), ...(noExec && { noExec }) };
}
