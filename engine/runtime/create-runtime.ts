import { createLauncher } from "./launcher.ts";
import { createOciRuntime } from "./oci/oci-runtime.ts";
import type { HostFacts, Runtime } from "./types.ts";

/** The back end that `facts` names; the engine and every monitor make the same one. */
export function createRuntime(facts: HostFacts): Runtime {
  const { runtime = "builtin" } = facts;
  return runtime === "builtin" || facts.isolation === "none" ? createLauncher(facts) : createOciRuntime(facts, runtime);
}
