import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

/** A small root file system: busybox and its applets, two users. */
export function makeBusyboxRoot(folder: string): string {
  for (const name of ["bin", "etc", "tmp", "root", "home"]) mkdirSync(path.join(folder, name), { recursive: true });
  chmodSync(folder, 0o755);
  chmodSync(path.join(folder, "tmp"), 0o1777);
  const busybox = path.join(folder, "bin/busybox");
  cpSync("/bin/busybox", busybox);
  const applets = execFileSync(busybox, ["--list"], { encoding: "utf8" }).trim().split("\n");
  execFileSync("sh", [
    "-c",
    `cd "$1" && for a in ${applets.join(" ")}; do [ -e "$a" ] || ln -s busybox "$a"; done`,
    "sh",
    path.join(folder, "bin"),
  ]);
  writeFileSync(path.join(folder, "etc/passwd"), "root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/home:/bin/sh\n");
  writeFileSync(path.join(folder, "etc/group"), "root:x:0:\napp:x:1000:\nextra:x:2000:\n");
  return folder;
}
