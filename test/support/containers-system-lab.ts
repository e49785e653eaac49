import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { openContainers } from "../../engine/containers/containers.ts";
import { openNetworks } from "../../engine/containers/networks/networks.ts";
import type { Networks } from "../../engine/containers/networks/types.ts";
import { openVolumes } from "../../engine/containers/volumes/volumes.ts";
import { mediaTypes } from "../../engine/oci/types.ts";
import { createCgroups } from "../../engine/runtime/cgroups/cgroups.ts";
import { createRuntime } from "../../engine/runtime/create-runtime.ts";
import { probeHost } from "../../engine/runtime/facts.ts";
import { createNetworkSetup } from "../../engine/runtime/network.ts";
import type { HostFacts } from "../../engine/runtime/types.ts";
import { openSnapshotter } from "../../engine/snapshot/snapshotter.ts";
import type { Layer } from "../../engine/snapshot/types.ts";
import { openContentStore } from "../../engine/store/content-store.ts";
import type { ContentStore } from "../../engine/store/types.ts";
import { makeBusyboxRoot } from "./busybox-root.ts";
import { bundleProgram, fakeImage, type Lab, makeLab } from "./containers-lab.ts";

export interface SystemLab extends Lab {
  /** Of the engine that is open now. */
  readonly networks: Networks;
  readonly facts: HostFacts;
}

/** The same lab with real isolation: the real snapshotter over a busybox image, network, launcher and monitor. */
export async function openSystemLab(): Promise<SystemLab> {
  const home = mkdtempSync(path.join(os.tmpdir(), "drydock-containers-"));
  await bundleProgram("engine/containers/monitor.ts", path.join(home, "monitor.js"));
  const layer = await busyboxLayer(home, await openContentStore(path.join(home, "content")));
  writeFileSync(path.join(home, "layer.json"), JSON.stringify(layer));
  return systemLabOver(home);
}

/** The same over a home that exists; `recover` is left to whoever asks. */
export async function systemLabOver(home: string): Promise<SystemLab> {
  const monitorScript = path.join(home, "monitor.js");
  const facts = await probeHost();
  const content = await openContentStore(path.join(home, "content"));
  const layer = JSON.parse(readFileSync(path.join(home, "layer.json"), "utf8")) as Layer;
  const image = fakeImage({ Cmd: ["/bin/sh"], Env: ["PATH=/bin"] }, [layer]);
  const snapshots = await openSnapshotter({ home, content, facts });
  let networks: Networks | undefined;
  const lab = makeLab(home, new Set(), {}, (onEvent) => {
    networks = openNetworks({
      home,
      facts,
      dir: path.join(home, "netns"),
      setup: createNetworkSetup(facts, path.join(home, "netns")),
      onEvent: (event) => onEvent({ ...event, timeNs: 0n }),
      now: Date.now,
    });
    return openContainers({
      home,
      images: { find: async (name) => (name === "test" || name === image.id ? image : undefined) },
      snapshots,
      networks,
      runtime: createRuntime(facts),
      cgroups: createCgroups(facts),
      volumes: openVolumes({ home, facts, onEvent, now: Date.now }),
      facts,
      onEvent,
      monitorScript,
      nodePath: process.execPath,
      now: Date.now,
    });
  });
  const open = () => {
    if (!networks) throw new Error("no engine is open");
    return networks;
  };
  return Object.defineProperties(lab, {
    facts: { value: facts },
    networks: { get: open },
    close: {
      value: async () => {
        for (const { id } of lab.containers.list()) await lab.containers.remove(id, { force: true });
        // Bridges stay for the next container; here there is none.
        await open().recover([]);
        lab.containers.close();
        rmSync(home, { recursive: true, force: true });
      },
    },
  }) as SystemLab;
}

async function busyboxLayer(home: string, content: ContentStore): Promise<Layer> {
  const root = makeBusyboxRoot(path.join(home, "busybox"));
  const tar = spawn("tar", ["-C", root, "--numeric-owner", "-cf", "-", "."], { stdio: ["ignore", "pipe", "inherit"] });
  const { digest, size } = await content.ingest(tar.stdout);
  return { descriptor: { mediaType: mediaTypes.layer, digest, size }, diffId: digest };
}

export function mountsBelow(home: string): string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .flatMap((line) => line.split(" ")[4] ?? [])
    .filter((place) => place.startsWith(`${home}/`));
}
