import { sysctlNotOwn } from "./errors.ts";
import { quote } from "./host-tools.ts";
import type { RunSpec } from "./types.ts";

/** namespaces(7): what each kind of namespace has for itself; everything else would be the host's. */
const ofIpc = /^(kernel\.(msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)|fs\.mqueue\.\w+)$/;
const ofUts = /^kernel\.domainname$/;
const ofNet = /^net\.[\w./-]+$/;

/** @throws EngineError `invalid-argument` for one that is not the container's own */
export function checkedSysctls({ sysctls = {}, ipc, uts }: RunSpec): [string, string][] {
  return Object.entries(sysctls).map(([name, value]) => {
    const isOwn =
      (ofIpc.test(name) && ipc !== "host") ||
      (ofUts.test(name) && uts !== "host") ||
      (ofNet.test(name) && !name.includes(".."));
    if (!isOwn || /[\0\n]/.test(value)) throw sysctlNotOwn(name);
    return [name, value];
  });
}

/** Lines of sh for a shell in the namespaces, as root there. */
export function sysctlLines(spec: RunSpec): string[] {
  return checkedSysctls(spec).map(([name, value]) => sysctlLine(name, value));
}

export function sysctlLine(name: string, value: string): string {
  // sysctl(8): a slash in a name is a dot of an interface's name.
  const file = `/proc/sys/${name.replace(/[./]/g, (sign) => (sign === "." ? "/" : "."))}`;
  return `printf '%s\\n' ${quote(value)} >${quote(file)} || exit 125`;
}
