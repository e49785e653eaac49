import type { CreateOptions } from "../containers/types.ts";
import {
  autoRemoveAndRestart,
  badMode,
  badSeccompProfile,
  badSecurityOpt,
  badShmSize,
  conflictingOptions,
  noDeviceDriver,
  unknownCapability,
  unknownRuntime,
} from "./create-errors.ts";
import { parseMounts } from "./create-mounts.ts";
import { networkMode, normalPort, parseEndpoints, portBindings } from "./create-network.ts";
import {
  parseDevices,
  parseHealthcheck,
  parseLog,
  parseOomScore,
  parseResources,
  parseRestartPolicy,
  parseUlimits,
} from "./create-resources.ts";
import { badField } from "./errors.ts";
import { compact, type Fields, fieldsOf } from "./fields.ts";

/** What this engine does not do. Asking for one is answered with a warning, as Docker does without cgroups. */
const ignored = [
  ...["BlkioWeightDevice", "BlkioDeviceReadBps", "BlkioDeviceWriteBps", "BlkioDeviceReadIOps", "BlkioDeviceWriteIOps"],
  ...[
    "CpuRealtimePeriod",
    "CpuRealtimeRuntime",
    "CgroupParent",
    "DeviceCgroupRules",
    "KernelMemory",
    "KernelMemoryTCP",
  ],
  ...["StorageOpt"],
];

/** Names of OCI runtimes that mean "what there is". */
const runtimes = ["", "drydock", "runc", "crun", "io.containerd.runc.v2"];

export interface ParsedCreate {
  readonly options: CreateOptions;
  readonly warnings: readonly string[];
}

/** The body of `POST /containers/create`. @throws EngineError `invalid-argument`, `unsupported` */
export function parseCreate(body: unknown, name: string | undefined): ParsedCreate {
  const config = fieldsOf(body);
  const host = config.object("HostConfig");
  const image = config.text("Image");
  if (!image) throw badField("Image", "the name of an image");

  const options: CreateOptions = compact<CreateOptions>({
    name: name?.replace(/^\//, ""),
    image,
    ...processOptions(config, host),
    ...securityOptions(host),
    ...namespaceModes(host),
    exposedPorts: nonEmpty(config.object("ExposedPorts").keys().map(normalPort)),
    ports: nonEmpty(portBindings(host.object("PortBindings"))),
    publishAll: host.flag("PublishAllPorts"),
    mounts: nonEmpty(parseMounts(config, host)),
    volumesFrom: nonEmpty(host.list("VolumesFrom")),
    networkMode: networkMode(config, host),
    endpoints: parseEndpoints(config, host, config.object("NetworkingConfig")),
    extraHosts: nonEmpty(host.list("ExtraHosts")),
    dns: nonEmpty(host.list("Dns")),
    dnsSearch: nonEmpty(host.list("DnsSearch")),
    dnsOptions: nonEmpty(host.list("DnsOptions")),
    autoRemove: host.flag("AutoRemove"),
    restartPolicy: parseRestartPolicy(host.object("RestartPolicy")),
    healthcheck: parseHealthcheck(config.object("Healthcheck")),
    resources: parseResources(host),
    ulimits: nonEmpty(parseUlimits(host.objects("Ulimits"))),
    shmSizeBytes: shmSize(host.integer("ShmSize")),
    sysctls: nonEmptyRecord(host.record("Sysctls")),
    devices: nonEmpty(parseDevices(host.objects("Devices"))),
    oomScoreAdj: parseOomScore(host.integer("OomScoreAdj")),
    log: parseLog(host.object("LogConfig")),
    annotations: nonEmptyRecord(host.record("Annotations")),
  });
  if (options.autoRemove && options.restartPolicy && options.restartPolicy.name !== "no") throw autoRemoveAndRestart();
  if (options.utsMode === "host" && options.hostname) throw conflictingOptions("hostname", "the UTS mode");
  const runtime = host.text("Runtime") ?? "";
  if (!runtimes.includes(runtime)) throw unknownRuntime(runtime);
  refuseDeviceDrivers(host.objects("DeviceRequests"));
  return { options, warnings: warningsOf(host) };
}

function processOptions(
  config: Fields,
  host: Fields,
): Partial<{ [K in keyof CreateOptions]: CreateOptions[K] | undefined }> {
  const attach = (["stdin", "stdout", "stderr"] as const).filter((stream) =>
    config.flag(`Attach${stream[0]?.toUpperCase()}${stream.slice(1)}`),
  );
  return {
    cmd: nonEmpty(config.list("Cmd")),
    // `[""]` is how `--entrypoint ""` takes the image's away; an empty list says nothing.
    entrypoint: nonEmpty(config.list("Entrypoint")),
    env: nonEmpty(environment(config.list("Env"))),
    workingDir: config.text("WorkingDir") || undefined,
    user: config.text("User") || undefined,
    hostname: config.text("Hostname") || undefined,
    domainname: config.text("Domainname") || undefined,
    labels: config.record("Labels"),
    tty: config.flag("Tty"),
    openStdin: config.flag("OpenStdin"),
    stdinOnce: config.flag("StdinOnce"),
    attach: nonEmpty(attach),
    stopSignal: config.text("StopSignal") || undefined,
    stopTimeout: config.integer("StopTimeout"),
    init: host.flag("Init"),
    consoleSize: consoleSize(host.raw("ConsoleSize")),
    groupAdd: nonEmpty(host.list("GroupAdd")),
  };
}

function securityOptions(host: Fields): Partial<CreateOptions> {
  const written = host.list("SecurityOpt") ?? [];
  let [noNewPrivileges, seccomp]: [boolean | undefined, string | undefined] = [undefined, undefined];
  for (const option of written) {
    const [, key = "", value] = /^([\w-]+)(?:[=:]([\s\S]*))?$/.exec(option) ?? [];
    if (key === "no-new-privileges" && [undefined, "true", "false"].includes(value))
      noNewPrivileges = value !== "false";
    else if (key === "seccomp" && value) seccomp = seccompProfile(value);
    else if (!((key === "apparmor" || key === "label") && value)) throw badSecurityOpt(option.slice(0, 80));
  }
  return compact<Partial<CreateOptions>>({
    readOnlyRootfs: host.flag("ReadonlyRootfs"),
    privileged: host.flag("Privileged"),
    capAdd: capabilities("CapAdd", host),
    capDrop: capabilities("CapDrop", host),
    noNewPrivileges,
    seccomp,
    securityOpt: nonEmpty(written.map((option) => (/^seccomp[=:]\s*\{/.test(option) ? "seccomp={…}" : option))),
    maskedPaths: host.list("MaskedPaths"),
    readonlyPaths: host.list("ReadonlyPaths"),
  });
}

/** Docker's client reads the file of a profile itself and sends what is in it. */
function seccompProfile(value: string): string | undefined {
  if (value === "builtin" || value === "default") return undefined;
  if (value === "unconfined") return value;
  try {
    fieldsOf(JSON.parse(value), "the profile");
  } catch (error) {
    throw badSeccompProfile(error instanceof Error ? error.message : String(error));
  }
  return value;
}

function namespaceModes(host: Fields): Partial<CreateOptions> {
  const mode = (kind: Parameters<typeof badMode>[0], field: string, known: RegExp) => {
    const value = host.text(field) ?? "";
    if (value !== "" && !known.test(value)) throw badMode(kind, value);
    return value;
  };
  const pid = mode("PID", "PidMode", /^(host|container:.+)$/);
  const ipc = mode("IPC", "IpcMode", /^(host|none|private|shareable|container:.+)$/);
  const uts = mode("UTS", "UTSMode", /^host$/);
  mode("userns", "UsernsMode", /^host$/);
  mode("cgroup namespace", "CgroupnsMode", /^(host|private)$/);
  return compact<Partial<CreateOptions>>({
    pidMode: pid || undefined,
    ipcMode: ipc || undefined,
    utsMode: uts === "host" ? "host" : undefined,
  });
}

function warningsOf(host: Fields): string[] {
  const warnings = ignored.filter((field) => !isEmpty(host.raw(field))).map((field) => `${field} is ignored.`);
  for (const option of host.list("SecurityOpt") ?? []) {
    if (/^(apparmor|label)[=:](?!unconfined$|disable$)/.test(option))
      warnings.push(`SecurityOpt ${option} is ignored.`);
  }
  if (host.text("NetworkMode") === "host" && !isEmpty(host.raw("PortBindings")))
    warnings.push("Published ports are discarded when using host network mode");
  if (host.text("CgroupnsMode") === "host") warnings.push('CgroupnsMode "host" is ignored.');
  return warnings;
}

function isEmpty(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0;
  return value === undefined || value === null || value === 0 || value === "";
}

function refuseDeviceDrivers(requests: readonly Fields[]): void {
  const [first] = requests;
  if (first) throw noDeviceDriver(first.text("Driver") ?? "", asGoSays(first.raw("Capabilities") ?? []));
}

function environment(list: readonly string[] | undefined): readonly string[] | undefined {
  const nameless = list?.find((entry) => entry === "" || entry.startsWith("="));
  if (nameless !== undefined) throw badField("Env", "a list of NAME=value");
  return list;
}

function consoleSize(value: unknown): CreateOptions["consoleSize"] {
  const [rows, columns] = Array.isArray(value) ? value : [];
  return Number.isInteger(rows) && Number.isInteger(columns) && rows > 0 && columns > 0 ? { rows, columns } : undefined;
}

function shmSize(value: number | undefined): number | undefined {
  if (value !== undefined && value < 0) throw badShmSize();
  return value || undefined;
}

/** Lists as Docker prints them: `[[gpu nvidia]]`. */
function asGoSays(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(asGoSays).join(" ")}]` : String(value);
}

/** capabilities(7). */
const known = new Set(
  (
    "ALL AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE DAC_READ_SEARCH " +
    "FOWNER FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN " +
    "NET_BIND_SERVICE NET_BROADCAST NET_RAW PERFMON SETFCAP SETGID SETPCAP SETUID SYSLOG SYS_ADMIN SYS_BOOT SYS_CHROOT " +
    "SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG WAKE_ALARM"
  ).split(" "),
);

/** `CAP_NET_ADMIN` and `net_admin` are one. */
function capabilities(field: "CapAdd" | "CapDrop", host: Fields): readonly string[] | undefined {
  const names = host.list(field)?.map((name) => name.toUpperCase().replace(/^CAP_/, ""));
  const unknown = names?.find((name) => !known.has(name));
  if (unknown !== undefined) throw unknownCapability(field, unknown);
  return nonEmpty(names);
}

function nonEmpty<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list && list.length > 0 ? list : undefined;
}

function nonEmptyRecord(record: Readonly<Record<string, string>> | undefined) {
  return record && Object.keys(record).length > 0 ? record : undefined;
}
