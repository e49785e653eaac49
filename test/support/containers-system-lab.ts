import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { openContainers } from "../../engine/containers/containers.ts";
import { openNetworks } from "../../engine/containers/networks/networks.ts";
import { openVolumes } from "../../engine/containers/volumes/volumes.ts";
import { mediaTypes } from "../../engine/oci/types.ts";
import { createCgroups } from "../../engine/runtime/cgroups/cgroups.ts";
import { createRuntime } from "../../engine/runtime/create-runtime.ts";
import { probeHost } from "../../engine/runtime/facts.ts";
import { createNetworkSetup } from "../../engine/runtime/network.ts";
import { openSnapshotter } from "../../engine/snapshot/snapshotter.ts";
import type { Layer } from "../../engine/snapshot/types.ts";
import { openContentStore } from "../../engine/store/content-store.ts";
import type { ContentStore } from "../../engine/store/types.ts";
import { makeBusyboxRoot } from "./busybox-root.ts";
import { bundleProgram, fakeImage, type Lab, makeLab } from "./containers-lab.ts";

/** The same lab with real isolation: the real snapshotter over a busybox image, network, launcher and monitor. */
export async function openSystemLab(): Promise<Lab> {
  const home = mkdtempSync(path.join(os.tmpdir(), "drydock-containers-"));
  const monitorScript = await bundleProgram("engine/containers/monitor.ts", path.join(home, "monitor.js"));
  const facts = await probeHost();
  const content = await openContentStore(path.join(home, "content"));
  const image = fakeImage({ Cmd: ["/bin/sh"], Env: ["PATH=/bin"] }, [await busyboxLayer(home, content)]);
  const snapshots = await openSnapshotter({ home, content, facts });
  return makeLab(home, new Set(), {}, (onEvent) =>
    openContainers({
      home,
      images: { find: async (name) => (name === "test" || name === image.id ? image : undefined) },
      snapshots,
      networks: openNetworks({
        home,
        facts,
        dir: path.join(home, "netns"),
        setup: createNetworkSetup(facts, path.join(home, "netns")),
        onEvent: (event) => onEvent({ ...event, timeNs: 0n }),
        now: Date.now,
      }),
      runtime: createRuntime(facts),
      cgroups: createCgroups(facts),
      volumes: openVolumes({ home, facts, onEvent, now: Date.now }),
      facts,
      onEvent,
      monitorScript,
      nodePath: process.execPath,
      now: Date.now,
    }),
  );
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
