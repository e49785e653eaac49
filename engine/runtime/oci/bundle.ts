import { existsSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { ensure, locate, type PathView } from "../container-paths.ts";
import { deviceBinds } from "../devices.ts";
import { hostileRoot, mountSourceMissing } from "../errors.ts";
import { protectedPaths } from "../protected-paths.ts";
import { checkedSysctls } from "../sysctls.ts";
import { defaultShmBytes, tmpfsOptions } from "../tmpfs.ts";
import type { HostFacts, Mount, NamespaceChoice, RunSpec } from "../types.ts";
import { deviceNumbers, deviceRules } from "./device-rules.ts";

export interface BundleOptions {
  readonly facts: HostFacts;
  readonly ownSysfs: boolean;
  /** Gets what had to be made in the root file system to mount on. */
  readonly created: string[];
  readonly more: readonly Mount[];
  /** Below the mount point of control groups; undefined: the runtime leaves them alone. */
  readonly cgroupsPath: string | undefined;
}

interface OciMount {
  readonly destination: string;
  readonly type?: string;
  readonly source: string;
  readonly options: readonly string[];
}

export interface Bundle {
  readonly view: PathView;
  /** config.json but for its process and its filter. */
  readonly config: { readonly linux: object };
  /** Settings of the network namespace that the runtime starts in: it refuses to touch one that it does not make. */
  readonly networkSettings: readonly (readonly [string, string])[];
}

/** OCI runtime specification 1.0, config.md and config-linux.md. @throws EngineError `invalid-argument` for a mount that cannot be made */
export function planBundle(spec: RunSpec, options: BundleOptions): Bundle {
  const { facts, created } = options;
  const view: PathView = { root: spec.rootfs, mounted: new Map() };
  for (const folder of ["/dev", "/proc", "/sys"]) {
    const found = locate(view, folder);
    if (found.path !== folder || (found.stats && !found.stats.isDirectory())) throw hostileRoot(folder);
    ensure(view, folder, "folder", created);
  }
  for (const folder of ["/dev", "/proc", "/sys"]) view.mounted.set(folder, undefined);
  const privileged = spec.process.privileged === true;
  // The devices control group keeps root from the host's disks; where it is not ours to set, the kernel refuses to make any.
  const nodev = privileged || options.cgroupsPath !== undefined ? [] : ["nodev"];
  const mounts = [...systemMounts(spec, options), ...deviceMounts(spec, facts, view, created)];
  for (const mount of [...spec.mounts, ...options.more]) mounts.push(userMount(mount, view, nodev, options));
  const hidden = protectedPaths(spec);
  const settings = checkedSysctls(spec);
  const isElsewhere = ([name]: readonly [string, string]) => name.startsWith("net.") && spec.network === "current";
  const devices = deviceBinds(spec, facts);
  return {
    view,
    config: {
      ...{
        ociVersion: "1.0.2",
        root: { path: spec.rootfs, readonly: spec.readOnlyRootfs ?? false },
        ...((spec.uts ?? "new") === "new" && { hostname: spec.hostname }),
        ...(spec.domainname && (spec.uts ?? "new") === "new" && { domainname: spec.domainname }),
        mounts,
      },
      linux: {
        namespaces: namespaces(spec),
        ...(options.cgroupsPath !== undefined && {
          cgroupsPath: options.cgroupsPath,
          resources: { devices: privileged ? [{ allow: true, access: "rwm" }] : deviceRules(spec, devices) },
        }),
        sysctl: Object.fromEntries(settings.filter((setting) => !isElsewhere(setting))),
        maskedPaths: hidden.masked,
        // The folder of v1's controllers could only be filled while it was writable.
        readonlyPaths: [...hidden.readOnly, ...(spec.cgroup?.version === 1 && !privileged ? ["/sys/fs/cgroup"] : [])],
        devices: privileged ? devices.map(({ source, target }) => ({ path: target, ...deviceNumbers(source) })) : [],
      },
    },
    networkSettings: settings.filter(isElsewhere),
  };
}

function namespaces(spec: RunSpec): object[] {
  const one = (type: string, choice: NamespaceChoice = "new") =>
    choice === "host" ? [] : [{ type, ...(choice !== "new" && { path: `/proc/${choice.ofPid}/ns/${type}` }) }];
  return [
    { type: "mount" },
    ...one("pid", spec.pid),
    ...one("ipc", spec.ipc),
    ...one("uts", spec.uts),
    ...(spec.network === "none" ? one("network") : []),
    ...(typeof spec.network === "object" ? [{ type: "network", path: spec.network.path }] : []),
    ...(spec.cgroup?.version === 2 ? one("cgroup") : []),
  ];
}

function systemMounts(spec: RunSpec, { facts, ownSysfs }: BundleOptions): OciMount[] {
  const readOnly = spec.process.privileged ? [] : ["ro"];
  const safe = ["nosuid", "noexec", "nodev"];
  const group = facts.isolation === "single-id" ? [] : ["gid=5"];
  const bind = (source: string, destination: string, more: readonly string[]): OciMount => ({
    destination,
    type: "bind",
    source,
    options: ["rbind", ...safe, ...more],
  });
  const cgroup = spec.cgroup;
  return [
    spec.pid === "host"
      ? bind("/proc", "/proc", [])
      : { destination: "/proc", type: "proc", source: "proc", options: safe },
    { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755", "size=65536k"] },
    {
      destination: "/dev/pts",
      type: "devpts",
      source: "devpts",
      options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", ...group],
    },
    ...(spec.ipc === "host"
      ? ["shm", "mqueue"]
          .filter((name) => existsSync(`/dev/${name}`))
          .map((name) => bind(`/dev/${name}`, `/dev/${name}`, []))
      : [...shmMount(spec, safe), { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: safe }]),
    ownSysfs
      ? { destination: "/sys", type: "sysfs", source: "sysfs", options: [...safe, ...readOnly] }
      : bind("/sys", "/sys", ["ro"]),
    ...(cgroup?.version === 2
      ? [bind(cgroup.folders.unified ?? "", "/sys/fs/cgroup", readOnly)]
      : cgroup || !ownSysfs
        ? [
            {
              destination: "/sys/fs/cgroup",
              type: "tmpfs",
              source: "tmpfs",
              options: [...safe, "mode=755", "size=16k", ...(cgroup ? [] : ["ro"])],
            },
            ...Object.entries(cgroup?.folders ?? {}).map(([name, folder]) =>
              bind(folder, `/sys/fs/cgroup/${name}`, readOnly),
            ),
          ]
        : []),
  ];
}

function shmMount({ shm, shmSizeBytes: size = defaultShmBytes }: RunSpec, safe: readonly string[]): OciMount[] {
  if (shm === "none") return [];
  const destination = "/dev/shm";
  if (shm) return [{ destination, type: "bind", source: shm.folder, options: ["rbind", ...safe] }];
  return [{ destination, type: "tmpfs", source: "shm", options: [...safe, "mode=1777", `size=${size}`] }];
}

function deviceMounts(spec: RunSpec, facts: HostFacts, view: PathView, created: string[]): OciMount[] {
  // A privileged container's are made by the runtime from `linux.devices`.
  if (spec.process.privileged) return [];
  return deviceBinds(spec, facts).map(({ source, target }) => {
    const place = ensure(view, target, "file", created);
    view.mounted.set(place.path, source);
    return { destination: place.path, type: "bind", source, options: ["bind", "nosuid", "noexec"] };
  });
}

function userMount(
  mount: Mount,
  view: PathView,
  nodev: readonly string[],
  { facts, created }: BundleOptions,
): OciMount {
  if (mount.type === "tmpfs") {
    const { path: destination } = ensure(view, mount.target, "folder", created);
    view.mounted.set(destination, undefined);
    const options = [...tmpfsOptions(mount, facts), ...(mount.readOnly ? ["ro"] : [])];
    return { destination, type: "tmpfs", source: "tmpfs", options };
  }
  let source: string;
  try {
    source = realpathSync(mount.source);
  } catch {
    throw mountSourceMissing(mount.source, mount.target);
  }
  const kind = statSync(source).isDirectory() ? "folder" : "file";
  const { path: destination } = ensure(view, mount.target, kind, created);
  view.mounted.set(destination, source);
  // rro: what is mounted below as well.
  const options = ["rbind", "rprivate", ...nodev, ...(mount.readOnly ? ["ro"] : [])];
  return { destination: path.posix.normalize(destination), type: "bind", source, options };
}
