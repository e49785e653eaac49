import { createLauncher } from "./launcher.ts";
import type { HostFacts, Runtime } from "./types.ts";

/** The back end that `facts` names; the engine and every monitor make the same one. */
export function createRuntime(facts: HostFacts): Runtime {
  return createLauncher(facts);
}
