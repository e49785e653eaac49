import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const worthIt = 128 * 1024 * 1024;

/**
 * V8 keeps what a build of very many files left behind for as long as it likes, and the engine runs for days. Call it when
 * nobody waits: it takes a tenth of a second, and nothing while little is in use.
 */
export function returnMemory(): void {
  if (process.memoryUsage().heapUsed < worthIt) return;
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") collect();
}
