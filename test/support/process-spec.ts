import type { ProcessSpec } from "../../engine/runtime/types.ts";

/** A process of root in a busybox root, and what else a test wishes. */
export function processSpec(args: readonly string[], wish: Partial<ProcessSpec> = {}): ProcessSpec {
  return { args, env: ["PATH=/bin"], cwd: "/", uid: 0, gid: 0, additionalGids: [], ...wish };
}
