import { createHash } from "node:crypto";
import { statSync, writeFileSync } from "node:fs";
import { release } from "node:os";
import path from "node:path";
import { capabilitySet } from "../capabilities.ts";
import type { HostFacts, ProcessSpec, RunSpec } from "../types.ts";
import { compileProfile } from "./compile.ts";
import { defaultProfile } from "./default-profile.ts";
import { noSeccomp } from "./errors.ts";
import { parseProfile } from "./profile.ts";
import { architecturesOf } from "./syscalls.ts";

const cache = new Map<string, Uint8Array>();
const names = new WeakMap<Uint8Array, string>();
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
  const key = `${processor} ${capabilities ? [...capabilities].toSorted().join() : "all"} ${profile}`;
  let filter = cache.get(key);
  if (!filter) {
    const machine = architecturesOf(processor);
    if (!machine) return undefined;
    const known = new Set(machine.flatMap(({ numbers }) => [...numbers.keys()]));
    const parsed = profile === "default" ? defaultProfile(known) : parseProfile(profile);
    filter = compileProfile(parsed, { architectures: machine, capabilities, kernel: release() });
    if (cache.size >= most) cache.clear();
    cache.set(key, filter);
  }
  return filter;
}

/** The filter as a file of the container's, for whoever installs it. Absent: none is wanted, or Docker's cannot be had here. */
export function seccompFile(
  { seccomp, stateDir }: Pick<RunSpec, "seccomp" | "stateDir">,
  process: ProcessSpec,
  facts: Pick<HostFacts, "seccompBy">,
): string | undefined {
  if (seccomp === undefined || process.privileged) return undefined;
  const filter = facts.seccompBy && seccompFilter(seccomp, capabilitySet(process));
  if (!filter) {
    if (seccomp === "default") return undefined;
    throw noSeccomp();
  }
  const file = path.join(stateDir, `seccomp-${nameOf(filter)}.bpf`);
  // The one of an earlier process of the container, as a rule: several milliseconds where the disk is busy.
  if (statSync(file, { throwIfNoEntry: false })?.size !== filter.length) writeFileSync(file, filter, { mode: 0o600 });
  return file;
}

function nameOf(filter: Uint8Array): string {
  const name = names.get(filter) ?? createHash("sha256").update(filter).digest("hex").slice(0, 16);
  names.set(filter, name);
  return name;
}
