import { release } from "node:os";
import { compileProfile } from "./compile.ts";
import { defaultProfile } from "./default-profile.ts";
import { parseProfile } from "./profile.ts";
import { architecturesOf } from "./syscalls.ts";

const cache = new Map<string, Uint8Array>();
/** Containers that differ in their profiles are few. */
const most = 32;

/**
 * The filter program for a profile (`default`, or its JSON text) and a container's capabilities; undefined where this processor's
 * numbers are not known. Compiled once in a process.
 * @throws EngineError `invalid-argument`
 */
export function seccompFilter(
  profile: string,
  capabilities: ReadonlySet<string> | undefined,
  processor: string = process.arch,
): Uint8Array | undefined {
  const machine = architecturesOf(processor);
  if (!machine) return undefined;
  const key = `${processor} ${capabilities ? [...capabilities].toSorted().join() : "all"} ${profile}`;
  let filter = cache.get(key);
  if (!filter) {
    const known = new Set(machine.flatMap(({ numbers }) => [...numbers.keys()]));
    const parsed = profile === "default" ? defaultProfile(known) : parseProfile(profile);
    filter = compileProfile(parsed, { architectures: machine, capabilities, kernel: release() });
    if (cache.size >= most) cache.clear();
    cache.set(key, filter);
  }
  return filter;
}
