import { readFileSync } from "node:fs";
import { capabilityNames, capabilitySet } from "../capabilities.ts";
import { allowedLimits } from "../limits.ts";
import type { HostFacts, ProcessSpec, ResourceLimit } from "../types.ts";

/** In place of 2^64-1, which JSON of this language cannot say; `toJson` puts the number in. */
const unlimited = "@unlimited@";

/** OCI runtime specification 1.0, config.md, "Process". */
export interface ProcessConfig {
  readonly terminal: boolean;
  readonly consoleSize?: { readonly height: number; readonly width: number };
  readonly user: { readonly uid: number; readonly gid: number; readonly additionalGids?: readonly number[] };
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly capabilities: Readonly<Record<"bounding" | "effective" | "permitted", readonly string[]>>;
  readonly rlimits?: readonly object[];
  readonly oomScoreAdj?: number;
  readonly noNewPrivileges: boolean;
}

/** `args` with the program's container path first. */
export function processConfig(
  facts: HostFacts,
  spec: ProcessSpec,
  args: readonly string[],
  limits: readonly ResourceLimit[] = [],
): ProcessConfig {
  const set = capabilitySet(spec);
  const names = set ? capabilityNames.filter((name) => set.has(name)) : ownCapabilities();
  const bounding = names.map((name) => `CAP_${name}`);
  // What a file or a change of user does not give, a user that is not root does not have.
  const held = spec.uid === 0 ? bounding : [];
  const rlimits = allowedLimits(facts, limits).map(({ name, soft, hard }) => ({
    type: `RLIMIT_${name.toUpperCase()}`,
    soft: soft < 0 ? unlimited : soft,
    hard: hard < 0 ? unlimited : hard,
  }));
  return {
    terminal: spec.tty !== undefined,
    ...(spec.tty && { consoleSize: { height: spec.tty.rows, width: spec.tty.columns } }),
    user: {
      uid: spec.uid,
      gid: spec.gid,
      ...(facts.isolation !== "single-id" && { additionalGids: [...new Set([spec.gid, ...spec.additionalGids])] }),
    },
    args,
    env: spec.env,
    cwd: spec.cwd,
    capabilities: { bounding, effective: held, permitted: held },
    ...(rlimits.length > 0 && { rlimits }),
    ...(spec.oomScoreAdj !== undefined && mayScore(facts, spec.oomScoreAdj) && { oomScoreAdj: spec.oomScoreAdj }),
    noNewPrivileges: spec.noNewPrivileges ?? false,
  };
}

export function toJson(value: object): string {
  return JSON.stringify(value).replaceAll(`"${unlimited}"`, "18446744073709551615");
}

/** An ordinary user may only raise it. */
function mayScore(facts: HostFacts, score: number): boolean {
  return facts.isolation === "root" || score >= Number(readFileSync("/proc/self/oom_score_adj", "utf8"));
}

function ownCapabilities(): string[] {
  const bounding = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0"}`);
  return capabilityNames.filter((_, number) => ((bounding >> BigInt(number)) & 1n) === 1n);
}
