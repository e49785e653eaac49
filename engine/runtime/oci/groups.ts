import { rmdirSync } from "node:fs";
import path from "node:path";
import { readMounts } from "../mountinfo.ts";
import type { CgroupPlace, HostFacts, RuntimeName } from "../types.ts";

/**
 * The group that the runtime makes and takes away again, as a path below the mount point: inside of the container's, whose
 * limits and counts stay with us. Only real root has groups without asking, and there they keep devices shut.
 */
export function groupOf(facts: HostFacts, place: CgroupPlace | undefined, name: string): string | undefined {
  if (place) {
    const [controller = "", folder = ""] = Object.entries(place.folders)[0] ?? [];
    const mount = mountPointOf(folder);
    return mount === undefined || controller === "" ? undefined : `/${path.relative(mount, folder)}/runtime`;
  }
  if (facts.isolation !== "root" || !facts.cgroups) return undefined;
  return `/drydock/run-${name}`;
}

function mountPointOf(folder: string): string | undefined {
  return readMounts()
    .filter(({ fsType, mountPoint }) => fsType.startsWith("cgroup") && folder.startsWith(`${mountPoint}/`))
    .map(({ mountPoint }) => mountPoint)
    .toSorted((a, b) => b.length - a.length)[0];
}

/** Runtimes make their group in every hierarchy, also in those that we do not use, and leave the folder above it. */
export function removeGroup(group: string): void {
  for (const { fsType, mountPoint } of readMounts()) {
    if (!fsType.startsWith("cgroup")) continue;
    for (const folder of [group, path.dirname(group)]) {
      if (folder === "/drydock" || folder === "/") continue;
      try {
        rmdirSync(path.join(mountPoint, folder));
      } catch {
        // It is not there, or it is the container's, which others look after.
      }
    }
  }
}

/** crun refuses a machine that has both kinds of control groups mounted (seen in 1.8); it must not see the second. */
export function hiddenUnified(name: RuntimeName): string | undefined {
  if (name !== "crun") return undefined;
  const mounts = readMounts();
  const isHybrid = mounts.some(({ fsType }) => fsType === "cgroup");
  return isHybrid ? mounts.find(({ fsType }) => fsType === "cgroup2")?.mountPoint : undefined;
}
