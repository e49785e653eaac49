import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { openContainers } from "../../engine/containers/containers.ts";
import { probeHost } from "../../engine/runtime/facts.ts";
import { createLauncher } from "../../engine/runtime/launcher.ts";
import type { NetworkSetup } from "../../engine/runtime/types.ts";
import type { Snapshotter } from "../../engine/snapshot/types.ts";
import { makeBusyboxRoot } from "./busybox-root.ts";
import { bundleProgram, fakeImage, type Lab, makeLab } from "./containers-lab.ts";

/** The same lab with real isolation: overlay mounts of a busybox root, network namespaces, the real launcher and monitor. */
export async function openSystemLab(): Promise<Lab> {
  const home = mkdtempSync(path.join(os.tmpdir(), "drydock-containers-"));
  chmodSync(home, 0o755);
  const monitorScript = await bundleProgram("engine/containers/monitor.ts", path.join(home, "monitor.js"));
  const facts = await probeHost();
  const image = fakeImage({ Cmd: ["/bin/sh"], Env: ["PATH=/bin"] });
  const lower = makeBusyboxRoot(path.join(home, "busybox"));
  return makeLab(home, new Set(), {}, (onEvent) =>
    openContainers({
      home,
      images: { find: async (name) => (name === "test" || name === image.id ? image : undefined) },
      snapshots: overlaySnapshots(path.join(home, "mounts"), lower),
      network: plainNetwork(path.join(home, "netns")),
      runtime: createLauncher(facts),
      facts,
      onEvent,
      monitorScript,
      nodePath: process.execPath,
      now: Date.now,
    }),
  );
}

export function mountsBelow(home: string): string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .flatMap((line) => line.split(" ")[4] ?? [])
    .filter((place) => place.startsWith(`${home}/`));
}

function overlaySnapshots(dir: string, lower: string): Snapshotter {
  const not = () => Promise.reject(new Error("not here"));
  const unmount = (place: string) => {
    if (mountsBelow(dir).includes(place)) execFileSync("umount", [place]);
  };
  return {
    unpack: not,
    async mount(id) {
      const [upper, work, merged] = ["upper", "work", "merged"].map((name) => path.join(dir, id, name));
      for (const folder of [upper, work, merged]) mkdirSync(folder ?? "", { recursive: true });
      const options = `userxattr,lowerdir=${lower},upperdir=${upper},workdir=${work}`;
      const place = merged ?? "";
      if (!mountsBelow(dir).includes(place)) {
        execFileSync("mount", ["-n", "-t", "overlay", "overlay", "-o", options, place]);
      }
      return { path: place, release: async () => unmount(place), commit: not };
    },
    mountView: not,
    async remove(id) {
      unmount(path.join(dir, id, "merged"));
      rmSync(path.join(dir, id), { recursive: true, force: true });
    },
    collect: async () => {},
  };
}

/** Network namespaces with loopback only. */
function plainNetwork(dir: string): NetworkSetup {
  return {
    async create(name) {
      const file = path.join(dir, name);
      mkdirSync(dir, { recursive: true });
      writeFileSync(file, "");
      execFileSync("unshare", [`--net=${file}`, "ip", "link", "set", "lo", "up"]);
      return { path: file, resolvConf: "nameserver 192.0.2.1\n" };
    },
    async remove(name) {
      const file = path.join(dir, name);
      if (mountsBelow(dir).includes(file)) execFileSync("umount", [file]);
      rmSync(file, { force: true });
    },
  };
}
