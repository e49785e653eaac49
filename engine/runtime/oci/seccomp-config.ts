import { release } from "node:os";
import { capabilitySet } from "../capabilities.ts";
import { applyingRules } from "../seccomp/compile.ts";
import { defaultProfile } from "../seccomp/default-profile.ts";
import { seccompFilter } from "../seccomp/filter.ts";
import { parseProfile } from "../seccomp/profile.ts";
import { architecturesOf } from "../seccomp/syscalls.ts";
import type { RunSpec } from "../types.ts";

/** crun takes a finished program; compiling it by libseccomp takes longer than all the rest of a start. */
export const filterAnnotation = "run.oci.seccomp_bpf_data";

/** For `linux.seccomp` of config.json. Undefined: no filter. @throws EngineError `invalid-argument` */
export function seccompConfig({ seccomp, process }: Pick<RunSpec, "seccomp" | "process">): object | undefined {
  if (seccomp === undefined || process.privileged) return undefined;
  const architectures = architecturesOf(globalThis.process.arch);
  const [own] = architectures ?? [];
  if (!architectures || !own) return undefined;
  const known = new Set(architectures.flatMap(({ numbers }) => [...numbers.keys()]));
  const profile = seccomp === "default" ? defaultProfile(known) : parseProfile(seccomp);
  const context = { architectures, capabilities: capabilitySet(process), kernel: release() };
  return {
    defaultAction: profile.defaultAction,
    ...(profile.defaultErrnoRet !== undefined && { defaultErrnoRet: profile.defaultErrnoRet }),
    architectures: profile.architectures ?? architectures.map(({ scmp }) => scmp),
    syscalls: applyingRules(profile, context).map(({ names, action, errnoRet, args }) => ({
      names,
      action,
      ...(errnoRet !== undefined && { errnoRet }),
      ...(args && args.length > 0 && { args }),
    })),
  };
}

/** The same as a finished program; undefined also where this processor's numbers are not known. */
export function seccompProgram({ seccomp, process }: Pick<RunSpec, "seccomp" | "process">): string | undefined {
  if (seccomp === undefined || process.privileged) return undefined;
  const filter = seccompFilter(seccomp, capabilitySet(process));
  return filter && Buffer.from(filter).toString("base64");
}
