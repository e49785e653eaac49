import { readMounts } from "../runtime/mountinfo.ts";
import { runTool, type Tools } from "../runtime/tools.ts";

export interface OverlayMount {
  /** Working directory of mount(8); the other paths are relative to it, because the option string may have 4095 bytes. */
  readonly cwd: string;
  /** Top first. */
  readonly lower: readonly string[];
  readonly writable?: { readonly upper: string; readonly work: string };
  readonly target: string;
  readonly userxattr: boolean;
  readonly volatile: boolean;
}

/** Returns what mount(8) complained of; undefined when it is mounted. */
export async function mountOverlay(tools: Tools, mount: OverlayMount): Promise<string | undefined> {
  const options = [
    // In a user namespace the kernel may not write trusted.*; without this, deleting a folder of a lower layer gives EIO.
    ...(mount.userxattr ? ["userxattr"] : []),
    ...(mount.volatile ? ["volatile"] : []),
    ...(mount.writable ? [`upperdir=${mount.writable.upper}`, `workdir=${mount.writable.work}`] : ["ro"]),
    `lowerdir=${mount.lower.join(":")}`,
  ];
  const result = await runTool(
    tools.mount ?? "mount",
    ["-n", "-t", "overlay", "overlay", "-o", options.join(","), mount.target],
    {
      cwd: mount.cwd,
      // util-linux 2.39 and newer give each option to the kernel by itself, where 255 bytes are the most.
      env: { LIBMOUNT_FORCE_MOUNT2: "always" },
    },
  );
  return result.code === 0 ? undefined : result.stderr || `mount: ${result.code}`;
}

export async function unmount(tools: Tools, target: string): Promise<void> {
  const umount = tools.umount ?? "umount";
  if (!isMounted(target)) return;
  const { code } = await runTool(umount, ["-n", target]);
  // Busy: somebody still has a file open. It goes from the tree now and ends with the last user.
  if (code !== 0 && isMounted(target)) await runTool(umount, ["-n", "-l", target]);
}

export function isMounted(target: string): boolean {
  return readMounts().some(({ mountPoint }) => mountPoint === target);
}
