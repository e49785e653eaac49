import { mkdirSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** Where what the scripts fetch and build is kept between runs: never in the repository. */
export function cacheDir() {
  const xdg = process.env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache");
  const dir = process.env.DRYDOCK_DEV_CACHE || path.join(xdg, "drydock-dev");
  mkdirSync(dir, { recursive: true });
  return dir;
}
