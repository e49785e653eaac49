import { availableParallelism, hostname, machine, release, totalmem } from "node:os";
import type { EngineSettings } from "../base/drydock-api.ts";
import { formatMessage } from "../base/message.ts";
import { version as engineVersion } from "../base/version.ts";
import { hostPlatform } from "../oci/platform.ts";
import { maxApiVersion, minApiVersion } from "./api-version.ts";
import { type Call, sendJson, sendText } from "./call.ts";
import { diskUsage } from "./disk-usage.ts";
import { streamEvents } from "./events.ts";
import { type Route, route } from "./router.ts";
import type { Services } from "./services.ts";

export const systemRoutes: readonly Route[] = [
  route("GET", "/_ping", ping),
  route("GET", "/version", version),
  route("GET", "/info", info),
  route("GET", "/events", streamEvents),
  route("GET", "/plugins", (call) => sendJson(call, 200, [])),
  route("GET", "/system/df", diskUsage),
];

function ping(call: Call): void {
  call.res.setHeader("Cache-Control", "no-cache, no-store, must-revalidate");
  call.res.setHeader("Pragma", "no-cache");
  call.res.setHeader("Swarm", "inactive");
  sendText(call, 200, "OK");
}

function version(call: Call, { status }: Services): void {
  const facts = status();
  sendJson(call, 200, {
    Platform: { Name: "Drydock" },
    Components: [
      {
        Name: "Engine",
        Version: engineVersion,
        Details: {
          ApiVersion: maxApiVersion,
          MinAPIVersion: minApiVersion,
          Arch: hostPlatform(process.arch).architecture,
          Os: "linux",
          KernelVersion: release(),
          Isolation: facts.isolation,
          Network: facts.outbound,
        },
      },
    ],
    Version: engineVersion,
    ApiVersion: maxApiVersion,
    MinAPIVersion: minApiVersion,
    GitCommit: "",
    GoVersion: "",
    Os: "linux",
    Arch: hostPlatform(process.arch).architecture,
    KernelVersion: release(),
    BuildTime: "",
  });
}

async function info(call: Call, services: Services): Promise<void> {
  const facts = services.status();
  const settings = await services.settings.read();
  const containers = services.containers.list();
  const count = (...states: string[]) => containers.filter(({ status }) => states.includes(status)).length;
  const limits = (name: string) => facts.cgroups.controllers.includes(name);
  sendJson(call, 200, {
    ID: "drydock",
    Containers: containers.length,
    ContainersRunning: count("running", "restarting"),
    ContainersPaused: count("paused"),
    ContainersStopped: count("created", "exited", "removing", "dead"),
    Images: (await services.images.list()).length,
    Driver: "overlay2",
    DriverStatus: [["Isolation", facts.isolation]],
    Plugins: {
      Volume: ["local"],
      Network: ["bridge", "host", "null"],
      Authorization: null,
      Log: ["json-file", "local", "none"],
    },
    MemoryLimit: limits("memory"),
    SwapLimit: limits("memory"),
    CpuCfsPeriod: limits("cpu"),
    CpuCfsQuota: limits("cpu"),
    CPUShares: limits("cpu"),
    CPUSet: limits("cpuset"),
    PidsLimit: limits("pids"),
    IPv4Forwarding: true,
    OomKillDisable: facts.cgroups.version === 1 && limits("memory"),
    Debug: false,
    NFd: 0,
    NGoroutines: 0,
    SystemTime: new Date().toISOString(),
    LoggingDriver: "json-file",
    CgroupDriver: facts.cgroups.version === undefined ? "none" : "cgroupfs",
    CgroupVersion: String(facts.cgroups.version ?? 1),
    NEventsListener: 0,
    KernelVersion: release(),
    OperatingSystem: "Drydock",
    OSVersion: "",
    OSType: "linux",
    Architecture: machine(),
    IndexServerAddress: "https://index.docker.io/v1/",
    RegistryConfig: registryConfig(settings),
    NCPU: availableParallelism(),
    MemTotal: totalmem(),
    GenericResources: null,
    DockerRootDir: facts.home,
    HttpProxy: "",
    HttpsProxy: "",
    NoProxy: "",
    Name: hostname(),
    Labels: [],
    ExperimentalBuild: false,
    ServerVersion: engineVersion,
    Runtimes: { drydock: { path: facts.runtime === "builtin" ? "" : facts.runtime } },
    DefaultRuntime: "drydock",
    Swarm: {
      NodeID: "",
      NodeAddr: "",
      LocalNodeState: "inactive",
      ControlAvailable: false,
      Error: "",
      RemoteManagers: null,
    },
    LiveRestoreEnabled: true,
    Isolation: "",
    InitBinary: "",
    ContainerdCommit: { ID: "" },
    RuncCommit: { ID: "" },
    InitCommit: { ID: "" },
    SecurityOptions: [
      ...(facts.seccomp ? ["name=seccomp,profile=builtin"] : []),
      ...(facts.isolation === "root" ? [] : ["name=rootless"]),
    ],
    CDISpecDirs: [],
    Warnings: facts.notes.map((note) => formatMessage(note)),
  });
}

function registryConfig({ registryMirrors, insecureRegistries }: EngineSettings) {
  const insecure = insecureRegistries.map((name) => [
    name,
    { Name: name, Mirrors: [], Secure: false, Official: false },
  ]);
  return {
    InsecureRegistryCIDRs: ["::1/128", "127.0.0.0/8"],
    IndexConfigs: {
      "docker.io": { Name: "docker.io", Mirrors: registryMirrors, Secure: true, Official: true },
      ...Object.fromEntries(insecure),
    },
    Mirrors: registryMirrors,
  };
}
