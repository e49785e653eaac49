import { cpus, hostname, release, totalmem } from "node:os";
import type { Digest } from "../base/digest.ts";
import { formatMessage } from "../base/message.ts";
import { version as engineVersion } from "../base/version.ts";
import { hostPlatform } from "../oci/platform.ts";
import type { ImageRecord } from "../store/types.ts";
import { maxApiVersion, minApiVersion } from "./api-version.ts";
import { cacheView } from "./build-cache.ts";
import { type Call, sendJson, sendText } from "./call.ts";
import { containerSummary } from "./container-view.ts";
import { streamEvents } from "./events.ts";
import { imageSummary } from "./image-view.ts";
import { type Route, route } from "./router.ts";
import type { Services } from "./services.ts";
import { containerSizes, mountpointOf } from "./view-context.ts";
import { volumeUsage } from "./volumes.ts";

export const systemRoutes: readonly Route[] = [
  route("GET", "/_ping", ping),
  route("GET", "/version", version),
  route("GET", "/info", info),
  route("GET", "/events", streamEvents),
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
  const running = containers.filter((container) => container.status === "running").length;
  const loopback = ["::1/128", "127.0.0.0/8"];
  sendJson(call, 200, {
    ID: "drydock",
    Containers: containers.length,
    ContainersRunning: running,
    ContainersPaused: 0,
    ContainersStopped: containers.length - running,
    Images: (await services.images.list()).length,
    Driver: "overlay2",
    DriverStatus: [["Isolation", facts.isolation]],
    Plugins: { Volume: ["local"], Network: ["bridge", "host", "none"], Authorization: null, Log: ["json-file"] },
    MemoryLimit: false,
    SwapLimit: false,
    CpuCfsPeriod: false,
    CpuCfsQuota: false,
    CPUShares: false,
    CPUSet: false,
    PidsLimit: false,
    IPv4Forwarding: true,
    OomKillDisable: false,
    Debug: false,
    NFd: 0,
    NGoroutines: 0,
    SystemTime: new Date().toISOString(),
    LoggingDriver: "json-file",
    CgroupDriver: "none",
    CgroupVersion: "1",
    NEventsListener: 0,
    KernelVersion: release(),
    OperatingSystem: "Drydock",
    OSVersion: "",
    OSType: "linux",
    Architecture: process.arch === "x64" ? "x86_64" : process.arch === "arm64" ? "aarch64" : process.arch,
    IndexServerAddress: "https://index.docker.io/v1/",
    RegistryConfig: {
      InsecureRegistryCIDRs: loopback,
      IndexConfigs: {
        "docker.io": { Name: "docker.io", Mirrors: settings.registryMirrors, Secure: true, Official: true },
        ...Object.fromEntries(
          settings.insecureRegistries.map((name) => [
            name,
            { Name: name, Mirrors: [], Secure: false, Official: false },
          ]),
        ),
      },
      Mirrors: settings.registryMirrors,
    },
    NCPU: cpus().length,
    MemTotal: totalmem(),
    DockerRootDir: facts.home,
    Name: hostname(),
    Labels: [],
    ExperimentalBuild: false,
    ServerVersion: engineVersion,
    Runtimes: { drydock: { path: "" } },
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
    SecurityOptions: facts.isolation === "root" ? [] : ["name=rootless"],
    Warnings: facts.notes.map((note) => formatMessage(note)),
  });
}

/** Sizes of images and how often each is used; of a container's own files nothing is known. */
async function diskUsage(call: Call, services: Services): Promise<void> {
  const images = await services.images.list();
  const containers = services.containers.list();
  const all = images.flatMap((image) => image.manifest.layers);
  const layers = new Map(all.map((layer) => [layer.digest, layer.size]));
  const users = (digest: Digest) => all.filter((layer) => layer.digest === digest).length;
  const shared = (image: ImageRecord) =>
    image.manifest.layers.reduce((sum, { digest, size }) => sum + (users(digest) > 1 ? size : 0), 0);
  const sizes = await containerSizes(
    containers,
    new Map(images.map((image) => [image.id, image])),
    services,
    call.signal,
  );
  const wanted = call.query.getAll("type");
  const asked = (type: string) => wanted.length === 0 || wanted.includes(type);
  sendJson(call, 200, {
    LayersSize: [...layers.values()].reduce((sum, size) => sum + size, 0),
    Images: asked("image")
      ? images.map((image) => ({
          ...imageSummary(image, call.minor),
          SharedSize: shared(image),
          Containers: services.containers.usersOf(image.id).length,
        }))
      : [],
    Containers: asked("container")
      ? containers.map((container) => ({
          ...containerSummary(container, { mountpointOf: mountpointOf(services) }),
          ...sizes.get(container.id),
        }))
      : [],
    Volumes: asked("volume") ? await volumeUsage(services, call.signal) : [],
    BuildCache: asked("build-cache") ? (await services.buildCache.list()).map(cacheView) : [],
  });
}
