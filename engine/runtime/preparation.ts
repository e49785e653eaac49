import { mkdirSync, rmdirSync, statSync, unlinkSync } from "node:fs";
import { type PathView, tryLocate } from "./container-paths.ts";
import { badWorkingDirectory, noIsolation, oneUserOnly } from "./errors.ts";
import { runTool } from "./tools.ts";
import type { HostFacts, ProcessSpec } from "./types.ts";

/** @throws EngineError `runtime-unavailable` when this machine cannot run it at all */
export function checkMachine(facts: HostFacts, { uid, gid }: ProcessSpec): void {
  if (facts.isolation === "none") throw noIsolation(facts.notes[0]);
  if (facts.isolation === "single-id" && (uid !== 0 || gid !== 0)) throw oneUserOnly(uid, facts.notes[0]);
}

export function makeWorkingDirectory(view: PathView, cwd: string): void {
  const found = tryLocate(view, cwd);
  if (!found) throw badWorkingDirectory(cwd);
  if (found.host === undefined || found.stats?.isDirectory()) return;
  if (found.stats) throw badWorkingDirectory(cwd);
  try {
    mkdirSync(found.host, { recursive: true });
  } catch {
    throw badWorkingDirectory(cwd);
  }
}

/** Mount points that were made for the run are not part of what it did. */
export function removeStubs(created: readonly string[]): void {
  for (const stub of created.toReversed()) {
    try {
      const { size } = statSync(stub);
      if (statSync(stub).isDirectory()) rmdirSync(stub);
      else if (size === 0) unlinkSync(stub);
    } catch {
      // In use by the image in the meantime, or gone: both are fine.
    }
  }
}

export async function canMountSysfs({ tools }: HostFacts): Promise<boolean> {
  const { unshare, mount } = tools;
  if (!unshare || !mount) return false;
  const { code } = await runTool(unshare, ["--mount", mount, "-n", "-t", "sysfs", "sysfs", "/sys"]);
  return code === 0;
}
