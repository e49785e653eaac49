// `Config` and `HostConfig` of `GET /containers/{id}/json`: what was asked for, with the image's answers filled in.
import type { Container, Healthcheck, Resources } from "../containers/types.ts";
import type { ContainerConfig } from "../oci/types.ts";
import { defaultShmBytes } from "../runtime/tmpfs.ts";
import { bindsView, groupPorts, mountsView, tmpfsView } from "./container-places-view.ts";

const nsPerMs = 1_000_000;

export function configView(container: Container, image: ContainerConfig) {
  const { options } = container;
  const attached = (stream: "stdin" | "stdout" | "stderr") => options.attach?.includes(stream) ?? false;
  const volumes = volumesOf(container, image);
  return {
    Hostname: container.hostname,
    Domainname: options.domainname ?? "",
    User: container.user,
    AttachStdin: attached("stdin"),
    AttachStdout: attached("stdout"),
    AttachStderr: attached("stderr"),
    ...(container.exposedPorts.length > 0
      ? { ExposedPorts: Object.fromEntries(container.exposedPorts.map((port) => [port, {}])) }
      : {}),
    Tty: options.tty ?? false,
    OpenStdin: options.openStdin ?? false,
    StdinOnce: options.stdinOnce ?? false,
    Env: container.env,
    // A given entrypoint resets the image's command as well.
    Cmd: options.cmd ?? (options.entrypoint ? null : (image.Cmd ?? null)),
    ...(container.healthcheck ? { Healthcheck: healthcheckView(container.healthcheck) } : {}),
    Image: options.image,
    Volumes: volumes.length > 0 ? Object.fromEntries(volumes.map((target) => [target, {}])) : null,
    WorkingDir: container.workingDir === "/" ? (options.workingDir ?? image.WorkingDir ?? "") : container.workingDir,
    Entrypoint: options.entrypoint ?? image.Entrypoint ?? null,
    ...(options.networkMode === "none" && options.endpoints ? { NetworkDisabled: true } : {}),
    OnBuild: image.OnBuild ?? null,
    Labels: container.labels,
    ...(stopSignal(container, image) === undefined ? {} : { StopSignal: stopSignal(container, image) }),
    ...(options.stopTimeout === undefined ? {} : { StopTimeout: options.stopTimeout }),
    ...(image.Shell ? { Shell: image.Shell } : {}),
  };
}

function stopSignal({ options }: Container, image: ContainerConfig): string | undefined {
  return options.stopSignal ?? image.StopSignal;
}

/** The image's, and those of `-v /path`. */
function volumesOf({ options }: Container, image: ContainerConfig): string[] {
  const own = (options.mounts ?? []).flatMap((mount) =>
    mount.type === "volume" && mount.anonymous && mount.written !== undefined ? [mount.target] : [],
  );
  return [...new Set([...Object.keys(image.Volumes ?? {}), ...own])];
}

function healthcheckView(check: Healthcheck) {
  const times = {
    Interval: check.intervalMs,
    Timeout: check.timeoutMs,
    StartPeriod: check.startPeriodMs,
    StartInterval: check.startIntervalMs,
  };
  const said = Object.entries(times).flatMap(([name, ms]) => (ms ? [[name, ms * nsPerMs] as const] : []));
  return { Test: check.test, ...Object.fromEntries(said), ...(check.retries ? { Retries: check.retries } : {}) };
}

export function hostConfigView(container: Container) {
  const { options } = container;
  const mounts = options.mounts ?? [];
  const [binds, tmpfs, written] = [bindsView(mounts), tmpfsView(mounts), mountsView(mounts)];
  const withPrefix = (names: readonly string[] | undefined) =>
    names?.map((name) => (name === "ALL" ? name : `CAP_${name}`)) ?? null;
  return {
    Binds: binds.length > 0 ? binds : null,
    ContainerIDFile: "",
    LogConfig: { Type: options.log?.driver ?? "json-file", Config: options.log?.options ?? {} },
    NetworkMode: options.networkMode ?? "bridge",
    PortBindings: groupPorts(options.ports ?? []),
    RestartPolicy: {
      Name: options.restartPolicy?.name ?? "no",
      MaximumRetryCount: options.restartPolicy?.maximumRetryCount ?? 0,
    },
    AutoRemove: options.autoRemove ?? false,
    VolumeDriver: "",
    VolumesFrom: options.volumesFrom ?? null,
    ConsoleSize: [options.consoleSize?.rows ?? 0, options.consoleSize?.columns ?? 0],
    ...(options.annotations ? { Annotations: options.annotations } : {}),
    CapAdd: withPrefix(options.capAdd),
    CapDrop: withPrefix(options.capDrop),
    CgroupnsMode: "private",
    Dns: options.dns ?? [],
    DnsOptions: options.dnsOptions ?? [],
    DnsSearch: options.dnsSearch ?? [],
    ExtraHosts: options.extraHosts ?? null,
    GroupAdd: options.groupAdd ?? null,
    IpcMode: options.ipcMode ?? "private",
    Cgroup: "",
    Links: options.endpoints?.bridge?.links ?? null,
    OomScoreAdj: options.oomScoreAdj ?? 0,
    PidMode: options.pidMode ?? "",
    Privileged: options.privileged ?? false,
    PublishAllPorts: options.publishAll ?? false,
    ReadonlyRootfs: options.readOnlyRootfs ?? false,
    SecurityOpt: options.securityOpt ?? null,
    ...(tmpfs ? { Tmpfs: tmpfs } : {}),
    UTSMode: options.utsMode ?? "",
    UsernsMode: "",
    ShmSize: options.shmSizeBytes ?? defaultShmBytes,
    ...(options.sysctls ? { Sysctls: options.sysctls } : {}),
    Runtime: "drydock",
    Isolation: "",
    ...resourcesView(options.resources ?? {}),
    Devices: (options.devices ?? []).map((device) => ({
      PathOnHost: device.source,
      PathInContainer: device.target,
      CgroupPermissions: device.permissions,
    })),
    DeviceCgroupRules: null,
    DeviceRequests: null,
    Ulimits: options.ulimits?.map(({ name, soft, hard }) => ({ Name: name, Hard: hard, Soft: soft })) ?? null,
    ...(written.length > 0 ? { Mounts: written } : {}),
    ...(options.init === undefined ? {} : { Init: options.init }),
    MaskedPaths: options.maskedPaths ?? (options.privileged ? null : maskedPaths),
    ReadonlyPaths: options.readonlyPaths ?? (options.privileged ? null : readonlyPaths),
  };
}

function resourcesView(resources: Resources) {
  return {
    CpuShares: resources.cpuShares ?? 0,
    Memory: resources.memoryBytes ?? 0,
    NanoCpus: resources.nanoCpus ?? 0,
    CgroupParent: "",
    BlkioWeight: resources.blkioWeight ?? 0,
    BlkioWeightDevice: [],
    BlkioDeviceReadBps: [],
    BlkioDeviceWriteBps: [],
    BlkioDeviceReadIOps: [],
    BlkioDeviceWriteIOps: [],
    CpuPeriod: resources.cpuPeriodUs ?? 0,
    CpuQuota: resources.cpuQuotaUs ?? 0,
    CpuRealtimePeriod: 0,
    CpuRealtimeRuntime: 0,
    CpusetCpus: resources.cpusetCpus ?? "",
    CpusetMems: resources.cpusetMems ?? "",
    MemoryReservation: resources.memoryReservationBytes ?? 0,
    // Docker fills in what it does without being told: as much swap again as memory.
    MemorySwap: resources.memorySwapBytes ?? (resources.memoryBytes ?? 0) * 2,
    MemorySwappiness: resources.memorySwappiness ?? null,
    OomKillDisable: resources.oomKillDisable ?? false,
    PidsLimit: resources.pidsLimit ?? null,
    CpuCount: 0,
    CpuPercent: 0,
    IOMaximumIOps: 0,
    IOMaximumBandwidth: 0,
  };
}

/** Docker's lists (moby, `oci/defaults.go`). */
const maskedPaths = [
  ...["/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats"],
  ...["/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware"],
  "/sys/devices/virtual/powercap",
];
const readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];
