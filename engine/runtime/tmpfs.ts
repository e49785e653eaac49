import type { HostFacts, Mount } from "./types.ts";

/** Docker's size of /dev/shm, where none is asked for. */
export const defaultShmBytes = 64 * 1024 * 1024;

/** Of tmpfs(5), but for `ro`: what is mounted inside of it comes first. */
export function tmpfsOptions(mount: Extract<Mount, { readonly type: "tmpfs" }>, { isolation }: HostFacts): string[] {
  const { sizeBytes, mode = 0o1777, uid, gid, inodes, noExec } = mount;
  // Where there is one id only, it owns everything.
  const owners = isolation === "single-id" ? {} : { uid, gid };
  const numbers = { size: sizeBytes, nr_inodes: inodes, ...owners };
  return [
    ...["nosuid", "nodev", ...(noExec ? ["noexec"] : []), `mode=${mode.toString(8)}`],
    ...Object.entries(numbers).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`])),
  ];
}
