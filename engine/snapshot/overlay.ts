import { complaintOf, isMounted, type Machine } from "./machine.ts";

export interface OverlayMount {
  /** Working directory of mount(8); the other paths are relative to it, because the option string may have 4095 bytes. */
  readonly cwd: string;
  /** Top first. */
  readonly lower: readonly string[];
  readonly writable?: { readonly upper: string; readonly work: string };
  readonly target: string;
  readonly volatile: boolean;
}

/** Returns what mount(8) complained of; undefined when it is mounted. */
export function mountOverlay({ tools, isolation }: Machine, mount: OverlayMount): Promise<string | undefined> {
  const options = [
    // In a user namespace the kernel may not write trusted.*; without this, deleting a folder of a lower layer gives EIO.
    ...(isolation === "root" ? [] : ["userxattr"]),
    ...(mount.volatile ? ["volatile"] : []),
    ...(mount.writable ? [`upperdir=${mount.writable.upper}`, `workdir=${mount.writable.work}`] : ["ro"]),
    `lowerdir=${mount.lower.join(":")}`,
  ];
  const args = ["-n", "-t", "overlay", "overlay", "-o", options.join(","), mount.target];
  // util-linux 2.39 and newer give each option to the kernel by itself, where 255 bytes are the most.
  return complaintOf(tools.mount ?? "mount", args, mount.cwd, { LIBMOUNT_FORCE_MOUNT2: "always" });
}

export async function unmount({ tools }: Machine, target: string): Promise<void> {
  if (!isMounted(target)) return;
  const umount = tools.umount ?? "umount";
  await complaintOf(umount, ["-n", target]);
  // Busy: somebody still has a file open. It goes from the tree now and ends with the last user.
  if (isMounted(target)) await complaintOf(umount, ["-n", "-l", target]);
}
