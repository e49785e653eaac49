import { spawnSync } from "node:child_process";

/** What a program has left mounted at a place and below it goes, even while something still uses it; nothing there is no fault. */
export function unmountAll(place: string): void {
  spawnSync("umount", ["--recursive", "--lazy", place], { stdio: "ignore" });
}
