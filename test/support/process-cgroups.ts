import { processStat } from "../../engine/runtime/proc.ts";
import type { Cgroups } from "../../engine/runtime/types.ts";

/** No control groups, and one process a container. */
export const processCgroups: Cgroups = {
  version: undefined,
  controllers: new Set(),
  create: async () => undefined,
  update: async () => {},
  usage: async () => ({ memoryParts: {}, blockIo: [], pids: 1 }),
  freeze: async ({ pid }) => {
    process.kill(pid, "SIGSTOP");
    // It takes effect when the process has its turn: what it is just writing, it writes.
    while (!/^[TtZX]?$/.test(processStat(pid)?.state ?? "")) await new Promise((resolve) => setTimeout(resolve, 1));
  },
  thaw: async ({ pid }) => void process.kill(pid, "SIGCONT"),
  remove: async () => {},
};
