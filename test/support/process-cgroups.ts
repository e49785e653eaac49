import type { Cgroups } from "../../engine/runtime/types.ts";

/** No control groups, and one process a container. */
export const processCgroups: Cgroups = {
  version: undefined,
  controllers: new Set(),
  create: async () => undefined,
  update: async () => {},
  usage: async () => ({ memoryParts: {}, blockIo: [], pids: 1 }),
  freeze: async ({ pid }) => void process.kill(pid, "SIGSTOP"),
  thaw: async ({ pid }) => void process.kill(pid, "SIGCONT"),
  remove: async () => {},
};
