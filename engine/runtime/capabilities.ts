import { unknownCapability } from "./errors.ts";
import type { ProcessSpec } from "./types.ts";

/** capabilities(7), by number. */
export const capabilityNames = (
  "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE " +
  "NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN " +
  "SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE " +
  "MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE"
).split(" ");

/** What Docker leaves to a container. */
const defaults =
  "CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE".split(
    " ",
  );

/** The bounding set; undefined = everything that this machine has. @throws EngineError `invalid-argument` */
export function capabilitySet(
  spec: Pick<ProcessSpec, "capAdd" | "capDrop" | "privileged">,
): ReadonlySet<string> | undefined {
  if (spec.privileged) return undefined;
  const add = (spec.capAdd ?? []).map(canonical);
  const drop = (spec.capDrop ?? []).map(canonical);
  // As Docker counts: with ALL on one side, the other side's names are the exceptions.
  const set = new Set(add.includes("ALL") ? capabilityNames : drop.includes("ALL") ? [] : defaults);
  for (const name of drop) set.delete(name);
  for (const name of add) if (name !== "ALL") set.add(name);
  return add.includes("ALL") && drop.length === 0 ? undefined : set;
}

function canonical(name: string): string {
  const upper = name.toUpperCase().replace(/^CAP_/, "");
  if (upper !== "ALL" && !capabilityNames.includes(upper)) throw unknownCapability(name);
  return upper;
}
