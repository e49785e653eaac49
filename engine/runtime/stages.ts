import { capabilityNames, capabilitySet } from "./capabilities.ts";
import { shellNoise, wrapPrefix } from "./environment.ts";
import { dropNeedsPerl, toolMissing, unknownLimit, variableNeedsPerl } from "./errors.ts";
import { installCommand } from "./install-command.ts";
import type { MountPlan } from "./mount-plan.ts";
import type { ToolName } from "./tools.ts";
import type { HostFacts, ProcessSpec, ResourceLimit, RunSpec } from "./types.ts";

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

interface LastStep {
  readonly facts: HostFacts;
  readonly process: ProcessSpec;
  /** Container path of the program. */
  readonly command: string;
  /** The environment has wrapped variables. */
  readonly wrapped: boolean;
}

export function need(facts: HostFacts, tool: ToolName): string {
  const found = facts.tools[tool];
  if (found === undefined) throw toolMissing(tool, installCommand([tool]));
  return found;
}

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
    `cd ${quote(plan.root)} && ${quote(mount)} -n --move . / || exit 125`,
    // Last, because few processes or little memory must not be the end of the set-up itself.
    ...resourceLimits(facts, spec.limits ?? []),
  ];
  const stage1 = [
    "exec 8>&2 2>&3",
    table(files.first),
    `${quote(need(facts, "cp"))} -RP ${quote(`${plan.devTemplate}/.`)} ${quote(`${plan.root}/dev/`)} || exit 125`,
    ...plan.touch.map((path) => touch(facts, `${plan.root}${path}`)),
    table(files.second),
    ...plan.remounts
      .filter(({ flags }) => flags !== "")
      .map(({ target, flags }) => `${quote(mount)} -n -o remount,bind,${flags} ${quote(target)} || exit 125`),
    hostname(facts, spec.hostname),
    ...(spec.network === "none" ? [loopbackUp(facts)] : []),
    spec.process.tty
      ? `exec ${quote(unshare)} --pid ${terminal(facts, stage3(ready, last))}`
      : `exec ${quote(unshare)} --pid ${quote(sh)} -c ${quote(stage2(sh, stage3(ready, last)))}`,
  ].join("\n");
  // Slave, so that what the host unmounts does not stay mounted here.
  const namespaces = [
    "--mount",
    "--ipc",
    "--uts",
    ...(spec.network === "none" ? ["--net"] : []),
    "--propagation",
    "slave",
  ];
  return [unshare, ...namespaces, sh, "-c", stage1];
}

/** argv for another process in a container. `keeper`: a process in its mount namespace whose root is the host's. */
export function execCommand(pid: number, keeper: number | undefined, otherNetwork: boolean, last: LastStep): string[] {
  const { facts, process } = last;
  const sh = need(facts, "sh");
  // Through the keeper's root the host's tools can be reached from inside of the container's mount namespace.
  const mounts = keeper === undefined ? [] : [`--mount=/proc/${keeper}/ns/mnt`, `--root=/proc/${keeper}/root`];
  const namespaces = ["ipc", "uts", "pid", ...(otherNetwork ? ["net"] : [])].map(
    (kind) => `--${kind}=/proc/${pid}/ns/${kind}`,
  );
  const enter = [`cd /proc/${pid}/root || exit 125`];
  const script = process.tty
    ? `exec 8>&2 2>&3\nexec ${terminal(facts, stage3(enter, last))}`
    : `exec 8>&2 2>&3\n${stage2(sh, stage3(enter, last))}`;
  return [need(facts, "nsenter"), "--no-fork", ...mounts, ...namespaces, sh, "-c", script];
}

export interface StageFiles {
  readonly first: string;
  readonly second: string;
  readonly third: string;
}

/** The shell says "Killed" on its own stderr when its child dies of a signal: nobody shall read that as the container's words. */
function stage2(sh: string, child: string): string {
  return `exec 2>/dev/null\n${quote(sh)} -c ${quote(child)} 2>&3\nexit $?`;
}

function stage3(steps: readonly string[], last: LastStep): string {
  const { tty, uid } = last.process;
  const terminalSteps = tty
    ? [
        "exec 2>&3",
        `${quote(need(last.facts, "stty"))} rows ${tty.rows} cols ${tty.columns}`,
        ...(uid === 0 ? [] : [`${quote(need(last.facts, "chown"))} ${uid} /proc/self/fd/0 || exit 125`]),
      ]
    : [];
  const output = tty ? "exec 2>&1 3>&- 8>&-" : "exec 2>&8 3>&- 8>&-";
  return [...terminalSteps, ...steps, printReady, output, `exec ${lastWords(last)}`].join("\n");
}

/** script(1) forks once: its child is a session leader with the new terminal, and pid 1 when a pid namespace waits for one. */
function terminal(facts: HostFacts, child: string): string {
  return `${quote(need(facts, "script"))} -qfec ${quote(child)} /dev/null`;
}

/** From here on the working directory is the container's root, which `chroot .` makes the root. */
function lastWords({ facts, process, command, wrapped }: LastStep): string {
  const bounding = capabilitySet(process);
  const toChangeRoot = ["SYS_CHROOT", ...(process.uid === 0 ? [] : ["SETUID"])];
  const surplus = bounding ? toChangeRoot.filter((name) => !bounding.has(name)) : [];
  const exact = wrapped || surplus.length > 0;
  const kept = bounding && new Set([...bounding, ...surplus, ...(surplus.length > 0 ? ["SETPCAP"] : [])]);
  const dropLater = kept && bounding ? [...kept].filter((name) => !bounding.has(name)) : [];
  const setpriv = [
    need(facts, "setpriv"),
    ...(process.noNewPrivileges ? ["--no-new-privs"] : []),
    "--inh-caps=-all",
    ...(kept ? [`--bounding-set=${["-all", ...[...kept].map((name) => `+${name.toLowerCase()}`)].join(",")}`] : []),
    ...groups(facts, process),
    "--",
  ];
  const args = [command, ...process.args.slice(1)];
  if (exact) {
    const perl = facts.tools.perl;
    if (perl === undefined) throw surplus.length > 0 ? dropNeedsPerl(surplus.join(", ")) : variableNeedsPerl();
    const drop = dropLater.map((name) => capabilityNames.indexOf(name)).join(",");
    return [...setpriv, perl, "-e", finisher(), process.cwd, String(process.uid), drop, ...args].map(quote).join(" ");
  }
  const user = process.uid === 0 ? [] : ["-S", String(process.uid)];
  const quiet = [need(facts, "env"), ...shellNoise.flatMap((name) => ["-u", name])];
  return [...setpriv, ...quiet, need(facts, "unshare"), "-R", ".", "-w", process.cwd, ...user, "--", ...args]
    .map(quote)
    .join(" ");
}

function groups(facts: HostFacts, { gid, additionalGids }: ProcessSpec): string[] {
  // Without subordinate ids the kernel refuses setgroups(2), and there is only group 0.
  if (facts.isolation === "single-id") return [];
  // The group itself is one of them, as elsewhere: setting another one must not shake off what a file denies to this one.
  return [`--regid=${gid}`, `--groups=${[...new Set([gid, ...additionalGids])].join(",")}`];
}

/** Unwraps variables and drops capabilities that were needed to get here; both only work in the very last program. */
function finisher(): string {
  const prctl = process.arch === "x64" ? 157 : process.arch === "ia32" || process.arch === "arm" ? 172 : 167;
  const dropFromBoundingSet = 24;
  return [
    "my ($cwd, $uid, $drop) = splice @ARGV, 0, 3;",
    `delete @ENV{qw(${shellNoise.join(" ")})};`,
    `for my $key (grep { /^${wrapPrefix}\\d+$/ } keys %ENV) { my ($name, $value) = split /=/, delete $ENV{$key}, 2; $ENV{$name} = $value }`,
    'chroot "." and chdir $cwd or die "chroot: $!\\n";',
    `for my $cap (split /,/, $drop) { syscall(${prctl}, ${dropFromBoundingSet}, $cap + 0, 0, 0, 0) == 0 or die "prctl: $!\\n" }`,
    'if ($uid) { ($<, $>) = ($uid, $uid); $< == $uid && $> == $uid or die "setuid: $!\\n" }',
    "my $file = $ARGV[0];",
    'exec { $file } @ARGV or do { my $code = $!{ENOENT} ? 127 : 126; print STDERR "unshare: failed to execute $file: $!\\n"; exit $code };',
  ].join(" ");
}

/** For the shell that becomes the command. */
function resourceLimits(facts: HostFacts, limits: readonly ResourceLimit[]): string[] {
  if (limits.length === 0) return [];
  const options = limits.map(({ name, soft, hard }) => {
    if (!limitNames.includes(name)) throw unknownLimit(name, limitNames.join(", "));
    return `--${name}=${[soft, hard].map((value) => (value < 0 ? "unlimited" : String(value))).join(":")}`;
  });
  return [`${quote(need(facts, "prlimit"))} --pid $$ ${options.map(quote).join(" ")} || exit 125`];
}

const limitNames =
  "as core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack".split(" ");

function touch(facts: HostFacts, file: string): string {
  return `${quote(need(facts, "mkdir"))} -p ${quote(file.slice(0, file.lastIndexOf("/")))} && : >>${quote(file)} || exit 125`;
}

/** First tool found; without any the container has the host's name, which harms nobody. */
function hostname({ tools }: HostFacts, name: string): string {
  if (tools.hostname) return `${quote(tools.hostname)} ${quote(name)} || exit 125`;
  if (tools.busybox) return `${quote(tools.busybox)} hostname ${quote(name)} || exit 125`;
  return `echo ${quote(name)} 2>/dev/null >/proc/sys/kernel/hostname || :`;
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

/** For sh. */
export function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
