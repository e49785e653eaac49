import { quote } from "../host-tools.ts";
import type { CgroupPlace } from "../types.ts";

/** Lines of sh that put the shell itself into the group: 0 is whoever writes, in any pid namespace. */
export function joinLines(place: CgroupPlace, otherwise: string): string[] {
  return [...new Set(Object.values(place.folders))].map(
    (folder) => `echo 0 >${quote(`${folder}/cgroup.procs`)} || ${otherwise}`,
  );
}
