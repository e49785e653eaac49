import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { digestOf } from "../../engine/base/digest.ts";
import { type ContainersOptions, type OpenedContainers, openContainers } from "../../engine/containers/containers.ts";
import type { Attachment, CreateOptions, EngineEvent, LogOptions } from "../../engine/containers/types.ts";
import { openVolumes } from "../../engine/containers/volumes/volumes.ts";
import type { ContainerConfig } from "../../engine/oci/types.ts";
import type { HostFacts } from "../../engine/runtime/types.ts";
import type { Layer, Snapshotter } from "../../engine/snapshot/types.ts";
import type { ImageRecord } from "../../engine/store/types.ts";
import { hostNetworks } from "./host-networks.ts";
import { processCgroups } from "./process-cgroups.ts";
import { processRuntime } from "./process-runtime.ts";

/** Bundles a TypeScript file into a program that plain Node runs. */
export async function bundleProgram(entry: string, outfile: string): Promise<string> {
  // Needed by the tests' own process only, not by the programs that it bundles.
  const { build } = await import("esbuild");
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    external: ["esbuild"],
  });
  return outfile;
}

/** An image that exists by name only, without layers unless the test has some. */
export function fakeImage(config: ContainerConfig, layers: readonly Layer[] = []): ImageRecord {
  const id = digestOf(JSON.stringify(config));
  const descriptor = { mediaType: "application/vnd.oci.image.config.v1+json", digest: id, size: 1 };
  return {
    id,
    manifestDescriptor: descriptor,
    manifest: { schemaVersion: 2, config: descriptor, layers: layers.map((layer) => layer.descriptor) },
    config: {
      architecture: "amd64",
      os: "linux",
      config,
      rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
    },
    names: ["docker.io/library/test:latest"],
    repoDigests: [],
    sizeBytes: 1,
    taggedAt: 0,
  };
}

/** Engine set-up in a temporary folder, with plain processes instead of isolated ones and folders instead of mounts. */
export interface Lab {
  readonly home: string;
  readonly events: EngineEvent[];
  /** Mounts that were not released. */
  readonly mounted: ReadonlySet<string>;
  containers: OpenedContainers;
  /** A second engine over the same home, as after a restart. The first lets go. */
  reopen(): Promise<void>;
  /** Creates and starts `sh -c <script>`; returns the id. */
  run(script: string, options?: Partial<CreateOptions>): Promise<string>;
  /** Without a name: any. `look` is called at that very moment: a promise is heard of later, when more may have happened. */
  nextEvent(action?: string, look?: () => void): Promise<EngineEvent>;
  close(): Promise<void>;
}

export async function openLab(config?: ContainerConfig): Promise<Lab> {
  const home = mkdtempSync(path.join(os.tmpdir(), "drydock-containers-"));
  await bundleProgram("test/support/process-monitor.ts", path.join(home, "monitor.js"));
  return labOver(home, config);
}

const plainFacts: HostFacts = { isolation: "none", outbound: "none", notes: [], tools: {} };

/** The same over a home that exists. */
export function labOver(home: string, config: ContainerConfig = { Cmd: ["/bin/sh"] }): Lab {
  const mounted = new Set<string>();
  const image = fakeImage(config);
  return makeLab(home, mounted, { networkMode: "host" }, (onEvent) =>
    openContainers({
      home,
      images: { find: async (name) => (name === "test" || name === image.id ? image : undefined) },
      snapshots: folderSnapshots(path.join(home, "roots"), mounted),
      networks: hostNetworks(home),
      runtime: processRuntime,
      cgroups: processCgroups,
      volumes: openVolumes({ home, facts: plainFacts, onEvent, now: Date.now }),
      facts: plainFacts,
      onEvent,
      monitorScript: path.join(home, "monitor.js"),
      nodePath: process.execPath,
      now: Date.now,
    }),
  );
}

/** `open` opens an engine over the lab's home. */
export function makeLab(
  home: string,
  mounted: ReadonlySet<string>,
  defaults: Partial<CreateOptions>,
  open: (onEvent: ContainersOptions["onEvent"]) => OpenedContainers,
): Lab {
  const events: EngineEvent[] = [];
  const listeners = new Set<(event: EngineEvent) => void>();
  const onEvent = (event: EngineEvent) => {
    events.push(event);
    for (const listener of listeners) listener(event);
  };
  const lab: Lab = {
    home,
    events,
    mounted,
    containers: open(onEvent),
    async reopen() {
      lab.containers.close();
      lab.containers = open(onEvent);
      await lab.containers.recover();
    },
    async run(script, more = {}) {
      const created = await lab.containers.create({
        image: "test",
        cmd: ["/bin/sh", "-c", script],
        ...defaults,
        ...more,
      });
      await lab.containers.start(created.id);
      return created.id;
    },
    nextEvent(action, look) {
      return new Promise((resolve) => {
        const listener = (event: EngineEvent) => {
          if (action !== undefined && event.action !== action) return;
          listeners.delete(listener);
          look?.();
          resolve(event);
        };
        listeners.add(listener);
      });
    },
    async close() {
      for (const { id } of lab.containers.list()) await lab.containers.remove(id, { force: true });
      lab.containers.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
  return lab;
}

function folderSnapshots(dir: string, mounted: Set<string>): Snapshotter {
  return {
    unpack: async () => dir,
    async mount(id) {
      const place = path.join(dir, id);
      mkdirSync(place, { recursive: true });
      mounted.add(id);
      return {
        path: place,
        release: async () => void mounted.delete(id),
        commit: () => Promise.reject(new Error("not here")),
      };
    },
    mountView: () => Promise.reject(new Error("not here")),
    writable: (id) => ({ folder: path.join(dir, id), store: () => Promise.reject(new Error("not here")) }),
    async remove(id) {
      mounted.delete(id);
      rmSync(path.join(dir, id), { recursive: true, force: true });
    },
    collect: async () => {},
  };
}

export async function outputOf(attachment: Attachment): Promise<{ stdout: string; stderr: string }> {
  const text = { stdout: "", stderr: "" };
  for await (const { stream, data } of attachment.output) text[stream] += Buffer.from(data).toString();
  return text;
}

/** The log as text, one stream or both in order. */
export async function logText(
  containers: OpenedContainers,
  id: string,
  options: Partial<LogOptions> = {},
): Promise<string> {
  let text = "";
  const all = { stdout: true, stderr: true, follow: false, ...options };
  for await (const { data } of containers.logs(id, all)) text += Buffer.from(data).toString();
  return text;
}

/** Reads a log until a text has come. */
export async function logUntil(containers: OpenedContainers, id: string, wanted: string): Promise<string> {
  let text = "";
  const abort = new AbortController();
  for await (const { data } of containers.logs(id, {
    stdout: true,
    stderr: true,
    follow: true,
    signal: abort.signal,
  })) {
    text += Buffer.from(data).toString();
    if (text.includes(wanted)) abort.abort();
  }
  return text;
}

/** Command lines of the monitors of a home. */
export function monitorsOf(home: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8");
      } catch {
        return "";
      }
    })
    .filter((line) => line.includes(`${home}/containers`));
}
