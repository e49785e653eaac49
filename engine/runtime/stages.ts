import { joinLines } from "./cgroups/join.ts";
import { need, quote, words } from "./host-tools.ts";
import { type LastStep, lastWords } from "./last-step.ts";
import { limitOptions } from "./limits.ts";
import type { MountPlan } from "./mount-plan.ts";
import { sysctlLines } from "./sysctls.ts";
import type { CgroupPlace, ContainerHandle, HostFacts, NamespaceChoice, ResourceLimit, RunSpec } from "./types.ts";

/**
 * The programs that turn one spawned process into a container, as shell text. They exec each other:
 *
 *   unshare mount, ipc, uts ─ stage 1: mounts ─ unshare pid ─ stage 2: waits ──fork──▶ stage 3: /proc, new root ─ last: user, capabilities, chroot ─ command
 *
 * Stage 2 stays outside of the pid namespace; its first child is pid 1 inside, and its exit code is the container's (128+n
 * after a signal; `unshare --fork` of util-linux 2.38 reports 1). With a terminal script(1) takes its place.
 * Descriptors: 3 = what goes wrong until `ready` is written to it, 8 = the container's stderr until it is needed.
 * No text of these stages has anything secret in it: it can be seen in the list of processes.
 */
export const readyMark = "\0ready\n";
const printReady = "printf '\\0ready\\n' >&3";

/** argv for a container's first process. */
export function runCommand(spec: RunSpec, plan: MountPlan, files: StageFiles, last: LastStep): string[] {
  const { facts } = last;
  const sh = need(facts, "sh");
  const unshare = need(facts, "unshare");
  const mount = need(facts, "mount");
  const table = (file: string) => `${quote(mount)} -n -a -T ${quote(file)} || exit 125`;
  const ready = [
    table(files.third),
    ...(spec.readOnlyRootfs
      ? [`${quote(mount)} -n -o remount,bind,${["ro", ...plan.rootFlags].join(",")} ${quote(plan.root)} || exit 125`]
      : []),
    ...oomScore(facts, spec.process.oomScoreAdj),
    `cd ${quote(plan.root)} && ${quote(mount)} -n --move . / || exit 125`,
    // Last, because few processes or little memory must not be the end of the set-up itself.
    ...setLimits(facts, spec.limits),
  ];
  const [ipc, uts, pid] = [spec.ipc ?? "new", spec.uts ?? "new", spec.pid ?? "new"];
  const stage1 = [
    "exec 8>&2 2>&3",
    table(files.first),
    `${quote(need(facts, "cp"))} -RP ${quote(`${plan.devTemplate}/.`)} ${quote(`${plan.root}/dev/`)} || exit 125`,
    ...plan.touch.map((path) => touch(facts, `${plan.root}${path}`)),
    table(files.second),
    ...plan.remounts
      .filter(({ flags }) => flags !== "")
      .map(({ target, flags }) => `${quote(mount)} -n -o remount,bind,${flags} ${quote(target)} || exit 125`),
    ...(uts === "new" ? [hostname(facts, spec.hostname), ...domainname(facts, spec.domainname)] : []),
    ...(spec.network === "none" ? [loopbackUp(facts)] : []),
    ...sysctlLines(spec),
    `exec ${words([...pidEntry(facts, pid), sh, "-c", keeper(facts, ready, last, spec.cgroup)])}`,
  ].join("\n");
  // Slave, so that what the host unmounts does not stay mounted here.
  const namespaces = [
    "--mount",
    ...(ipc === "new" ? ["--ipc"] : []),
    ...(uts === "new" ? ["--uts"] : []),
    ...(spec.network === "none" ? ["--net"] : []),
    "--propagation",
    "slave",
  ];
  const joined = [
    ...(typeof spec.network === "object" ? [`--net=${spec.network.path}`] : []),
    ...namespaceOption("ipc", ipc),
    ...namespaceOption("uts", uts),
  ];
  const enter = joined.length > 0 ? [need(facts, "nsenter"), ...joined, "--"] : [];
  return [...enter, unshare, ...namespaces, sh, "-c", stage1];
}

/** argv for another process in a container. `keeperPid`: a process in its mount namespace whose root is the host's. */
export function execCommand(
  { pid, cgroup, limits }: Pick<ContainerHandle, "pid" | "cgroup" | "limits">,
  keeperPid: number | undefined,
  otherNetwork: boolean,
  last: LastStep,
): string[] {
  const { facts } = last;
  const sh = need(facts, "sh");
  // Through the keeper's root the host's tools can be reached from inside of the container's mount namespace.
  const mounts = keeperPid === undefined ? [] : [`--mount=/proc/${keeperPid}/ns/mnt`, `--root=/proc/${keeperPid}/root`];
  const kinds = ["ipc", "uts", "pid", ...(otherNetwork ? ["net"] : []), ...(cgroup?.version === 2 ? ["cgroup"] : [])];
  const namespaces = kinds.map((kind) => `--${kind}=/proc/${pid}/ns/${kind}`);
  const enter = [`cd /proc/${pid}/root || exit 125`, ...setLimits(facts, limits)];
  const early = cgroup?.version === 2;
  const script = `exec 8>&2 2>&3\n${keeper(facts, enter, last, early ? undefined : cgroup)}`;
  const command = [need(facts, "nsenter"), "--no-fork", ...mounts, ...namespaces, sh, "-c", script];
  if (!early) return command;
  // Before the namespaces: in the one for control groups the container's group is the root, and nothing may be moved in from above.
  return [sh, "-c", [...joinLines(cgroup, "exit 125"), `exec ${words(command)}`].join("\n")];
}

/** The process that waits; what it forks is in the new pid namespace, and enters the control group. */
function keeper(facts: HostFacts, steps: readonly string[], last: LastStep, cgroup: CgroupPlace | undefined): string {
  const sh = need(facts, "sh");
  const child = stage3(steps, last);
  const joins = cgroup ? joinLines(cgroup, "exit 125") : [];
  // A namespace for control groups has as its root the group that its maker is in.
  const own = cgroup?.version === 2 ? `exec ${words([need(facts, "unshare"), "--cgroup", sh, "-c", child])}` : child;
  // script(1) forks once: its child is a session leader with the new terminal, and pid 1 when a pid namespace waits for one.
  if (last.process.tty) {
    const whole = ["exec 2>&3", ...joins, own].join("\n");
    return `exec ${words([need(facts, "script"), "-qfec", whole, "/dev/null"])}`;
  }
  // The shell says "Killed" on its own stderr when its child dies of a signal: nobody shall read that as the container's words.
  const inside = [...joins, own].join("\n");
  // A subshell is a process less to load, but `$$` is the shell that it was forked from.
  const forked = inside.includes("$$") ? words([sh, "-c", inside]) : `(\n${inside}\n)`;
  return `exec 2>/dev/null\n${forked} 2>&3\nexit $?`;
}

function pidEntry(facts: HostFacts, pid: NamespaceChoice): string[] {
  if (pid === "host") return [];
  if (pid === "new") return [need(facts, "unshare"), "--pid"];
  return [need(facts, "nsenter"), "--no-fork", ...namespaceOption("pid", pid), "--"];
}

function namespaceOption(kind: string, choice: NamespaceChoice): string[] {
  return typeof choice === "string" ? [] : [`--${kind}=/proc/${choice.ofPid}/ns/${kind}`];
}

export interface StageFiles {
  readonly first: string;
  readonly second: string;
  readonly third: string;
}

function stage3(steps: readonly string[], last: LastStep): string {
  const { tty, uid } = last.process;
  const terminalSteps = tty
    ? [
        `${quote(need(last.facts, "stty"))} rows ${tty.rows} cols ${tty.columns}`,
        ...(uid === 0 ? [] : [`${quote(need(last.facts, "chown"))} ${uid} /proc/self/fd/0 || exit 125`]),
      ]
    : [];
  const output = tty ? "exec 2>&1 3>&- 8>&-" : "exec 2>&8 3>&- 8>&-";
  return [...terminalSteps, ...steps, printReady, output, `exec ${words(lastWords(last))}`].join("\n");
}

function setLimits(facts: HostFacts, limits: readonly ResourceLimit[] = []): string[] {
  const options = limitOptions(facts, limits);
  if (options.length === 0) return [];
  return [`${quote(need(facts, "prlimit"))} --pid $$ ${options.map(quote).join(" ")} || exit 125`];
}

/** An ordinary user may only raise it. */
function oomScore(facts: HostFacts, score: number | undefined): string[] {
  if (score === undefined) return [];
  return [
    `echo ${score} ${facts.isolation === "root" ? "" : "2>/dev/null "}>/proc/self/oom_score_adj || ${facts.isolation === "root" ? "exit 125" : ":"}`,
  ];
}

function touch(facts: HostFacts, file: string): string {
  return `${quote(need(facts, "mkdir"))} -p ${quote(file.slice(0, file.lastIndexOf("/")))} && : >>${quote(file)} || exit 125`;
}

/** Without a tool that takes the name, the container has the host's, which harms nobody. */
function hostname({ tools, isolation }: HostFacts, name: string): string {
  const byFile = `echo ${quote(name)} 2>/dev/null >/proc/sys/kernel/hostname`;
  // hostname(1) of net-tools refuses what the kernel takes, as `my_app`.
  const program = "import socket,sys;socket.sethostname(sys.argv[1])";
  const ways = [
    // The file is the host's root's; where it is read only a program can do it still.
    ...(isolation === "root" || !(tools.hostname || tools.busybox || tools.python3) ? [byFile] : []),
    ...(tools.hostname ? [`${quote(tools.hostname)} ${quote(name)} 2>/dev/null`] : []),
    ...(tools.busybox ? [`${quote(tools.busybox)} hostname ${quote(name)} 2>/dev/null`] : []),
    ...(tools.python3 ? [`${quote(tools.python3)} -c ${quote(program)} ${quote(name)} 2>/dev/null`] : []),
    ":",
  ];
  return ways.join(" || ");
}

/** There is rarely a program for it; without one the container has none, as most have. */
function domainname({ tools }: HostFacts, name: string | undefined): string[] {
  if (!name) return [];
  if (tools.domainname) return [`${quote(tools.domainname)} ${quote(name)} || exit 125`];
  return [`echo ${quote(name)} 2>/dev/null >/proc/sys/kernel/domainname || :`];
}

/** For the network namespace of the shell that runs it. */
export function loopbackUp({ tools }: HostFacts): string {
  if (tools.ip) return `${quote(tools.ip)} link set lo up || exit 125`;
  if (tools.ifconfig) return `${quote(tools.ifconfig)} lo up || exit 125`;
  if (tools.busybox) return `${quote(tools.busybox)} ip link set lo up || exit 125`;
  // SIOCSIFFLAGS with IFF_UP on lo (netdevice(7)).
  const request = "pack('a16 s x14', 'lo', 1)";
  if (tools.perl) {
    return `${quote(tools.perl)} -MSocket -e ${quote(`socket(my $s, AF_INET, SOCK_DGRAM, 0); my $r = ${request}; ioctl($s, 0x8914, $r) or die "lo: $!\\n"`)} || exit 125`;
  }
  if (tools.python3) {
    const program = "import fcntl,socket,struct;fcntl.ioctl(socket.socket(2,2),0x8914,struct.pack('16sh14x',b'lo',1))";
    return `${quote(tools.python3)} -c ${quote(program)} || exit 125`;
  }
  return ":";
}
