import { capabilityNames, capabilitySet } from "./capabilities.ts";
import { shellNoise, wrapPrefix } from "./environment.ts";
import { dropNeedsPerl, initMissing, variableNeedsPerl } from "./errors.ts";
import { need } from "./host-tools.ts";
import { noSeccomp } from "./seccomp/errors.ts";
import type { HostFacts, ProcessSpec } from "./types.ts";

export interface LastStep {
  readonly facts: HostFacts;
  readonly process: ProcessSpec;
  /** Container path of the program. */
  readonly command: string;
  /** The environment has wrapped variables. */
  readonly wrapped: boolean;
  /** Host path of a filter program; its text may be read by nobody else. */
  readonly seccompFile?: string | undefined;
  /** The last program stays as process 1, passes signals on and reaps. */
  readonly staysAsInit?: boolean;
}

/** How the finisher says that the container could not be set up after all. */
export const finisherFailed = "drydock: ";
export const finisherFailedCode = 125;

/**
 * From here on the working directory is the container's root, which becomes the root. What must be exact is done by one program,
 * the finisher; it keeps a capability that the container lacks until it becomes the command, so that nobody inside can look at it
 * (ptrace(2): /proc/PID/exe would lead to a program of the host).
 */
export function lastWords(step: LastStep): string[] {
  const { facts, process, command } = step;
  const bounding = capabilitySet(process);
  const finisher = facts.tools.perl ? perlFinisher : facts.tools.python3 ? pythonFinisher : undefined;
  const toChangeRoot = ["SYS_CHROOT", ...(process.uid === 0 ? [] : ["SETUID"])];
  const missing = bounding ? toChangeRoot.filter((name) => !bounding.has(name)) : [];
  if (!finisher) {
    if (step.seccompFile !== undefined) throw noSeccomp();
    if (step.staysAsInit) throw initMissing();
    if (missing.length > 0) throw dropNeedsPerl(missing.join(", "));
    if (step.wrapped) throw variableNeedsPerl();
  }
  const isExact = step.wrapped || step.seccompFile !== undefined || step.staysAsInit || missing.length > 0;
  // Perl takes as long as env and unshare together, and can give the program the word that was typed as its argv[0].
  const isBetter = facts.tools.perl !== undefined && (facts.isolation === "root" || process.args[0] !== command);
  if (finisher && (isExact || isBetter)) {
    // SYS_ADMIN: a filter without no_new_privs needs it (seccomp(2)).
    const surplus = bounding ? [...toChangeRoot, "SYS_ADMIN", "SETPCAP"].filter((name) => !bounding.has(name)) : [];
    const drop = surplus.map((name) => capabilityNames.indexOf(name)).join(",");
    const init = step.staysAsInit ? (process.tty ? "tty" : "pipes") : "";
    const words = [process.cwd, String(process.uid), drop, step.seccompFile ?? "", init, command, ...process.args];
    return [
      ...setpriv(step, bounding && new Set([...bounding, ...surplus])),
      ...finisher(facts, step.staysAsInit === true),
      ...words,
    ];
  }
  const user = process.uid === 0 ? [] : ["-S", String(process.uid)];
  const quiet = [need(facts, "env"), ...shellNoise.flatMap((name) => ["-u", name])];
  return [
    ...setpriv(step, bounding),
    ...quiet,
    need(facts, "unshare"),
    "-R",
    ".",
    "-w",
    process.cwd,
    ...user,
    "--",
    // Also argv[0] is the path: unshare(1) knows no other, and not every sh has `exec -a`.
    command,
    ...process.args.slice(1),
  ];
}

function setpriv({ facts, process }: LastStep, kept: ReadonlySet<string> | undefined): string[] {
  return [
    need(facts, "setpriv"),
    ...(process.noNewPrivileges ? ["--no-new-privs"] : []),
    "--inh-caps=-all",
    ...(kept ? [`--bounding-set=${["-all", ...[...kept].map((name) => `+${name.toLowerCase()}`)].join(",")}`] : []),
    ...groups(facts, process),
    "--",
  ];
}

function groups(facts: HostFacts, { gid, additionalGids }: ProcessSpec): string[] {
  // Without subordinate ids the kernel refuses setgroups(2), and there is only group 0.
  if (facts.isolation === "single-id") return [];
  // The group itself is one of them, as elsewhere: setting another one must not shake off what a file denies to this one.
  return [`--regid=${gid}`, `--groups=${[...new Set([gid, ...additionalGids])].join(",")}`];
}

/** Numbers of system calls that perl and Python do not know by name; unistd.h. */
function callNumbers(): { readonly prctl: number; readonly seccomp: number } {
  if (process.arch === "x64") return { prctl: 157, seccomp: 317 };
  if (process.arch === "ia32") return { prctl: 172, seccomp: 354 };
  if (process.arch === "arm") return { prctl: 172, seccomp: 383 };
  return { prctl: 167, seccomp: 277 };
}
const dropFromBoundingSet = 24;
const setFilter = 1;
/** By number: perl would load a module for the names, which takes as long as all the rest. */
const [enoent, eintr] = [2, 4];

/** The order matters: a filter may refuse all that comes before it, and changing the user takes the right to install one. */
function perlFinisher(facts: HostFacts, withInit: boolean): string[] {
  const { prctl, seccomp } = callNumbers();
  const program = [
    "my ($cwd, $uid, $drop, $filter, $init, $file) = splice @ARGV, 0, 6;",
    `sub fail { print STDERR "${finisherFailed}$_[0]: $!\\n"; exit ${finisherFailedCode} }`,
    `delete @ENV{qw(${shellNoise.join(" ")})};`,
    `for my $key (grep { /^${wrapPrefix}\\d+$/ } keys %ENV) { my ($name, $value) = split /=/, delete $ENV{$key}, 2; $ENV{$name} = $value }`,
    'my $code = ""; if (length $filter) { open my $in, "<:raw", $filter or fail("seccomp"); local $/; $code = <$in> }',
    'chroot "." and chdir $cwd or fail("chroot");',
    `for my $cap (split /,/, $drop) { syscall(${prctl}, ${dropFromBoundingSet}, $cap + 0, 0, 0, 0) == 0 or fail("prctl") }`,
    `if (length $code) { my $all = pack("S x![P] P", length($code) / 8, $code); syscall(${seccomp}, ${setFilter}, 0, $all) == 0 or fail("seccomp") }`,
    ...(withInit ? [perlInit] : []),
    'if ($uid) { ($<, $>) = ($uid, $uid); $< == $uid && $> == $uid or fail("setuid") }',
    `exec { $file } @ARGV or do { my $code = $! == ${enoent} ? 127 : 126; print STDERR "unshare: failed to execute $file: $!\\n"; exit $code };`,
  ];
  return [need(facts, "perl"), "-e", program.join(" ")];
}

/** A terminal gives its signals to the foreground by itself. */
const perlInit = [
  "if (length $init) {",
  "  my @pass = qw(HUP TERM USR1 USR2 CONT ALRM PWR WINCH INT QUIT);",
  "  my $child; my @early;",
  '  for my $name (@pass) { my $own = $init eq "tty" && $name =~ /^(INT|QUIT|WINCH)$/;',
  "    $SIG{$name} = sub { return if $own; $child ? kill($name, $child) : push @early, $name } }",
  '  my $made = fork; defined $made or fail("fork");',
  "  if ($made) { $child = $made; kill $_, $child for @early;",
  '    open STDIN, "<", "/dev/null";',
  "    for (;;) { my $ended = waitpid -1, 0;",
  "      if ($ended == $child) { exit($? & 127 ? 128 + ($? & 127) : $? >> 8) }",
  `      exit 255 if $ended < 0 && $! != ${eintr} } }`,
  '  $SIG{$_} = "DEFAULT" for @pass;',
  "}",
].join(" ");

function pythonFinisher(facts: HostFacts): string[] {
  const { prctl, seccomp } = callNumbers();
  const noise = shellNoise.map((name) => `b"${name}"`).join(",");
  const program = `
import os, sys, ctypes, signal
cwd, uid, drop, filter, init = sys.argv[1:6]
file, *args = [os.fsencode(arg) for arg in sys.argv[6:]]
def fail(what, number):
    os.write(2, ("${finisherFailed}%s: %s\\n" % (what, os.strerror(number))).encode()); os._exit(${finisherFailedCode})
env = dict(entry.split(b"=", 1) for entry in open("/proc/self/environ", "rb").read().split(b"\\0") if b"=" in entry)
for name in (${noise},): env.pop(name, None)
for key in [key for key in env if key.startswith(b"${wrapPrefix}")]:
    name, value = env.pop(key).split(b"=", 1); env[name] = value
code = open(filter, "rb").read() if filter else b""
libc = ctypes.CDLL(None, use_errno=True)
try: os.chroot("."); os.chdir(cwd)
except OSError as error: fail("chroot", error.errno)
for cap in drop.split(",") if drop else []:
    if libc.syscall(${prctl}, ${dropFromBoundingSet}, int(cap), 0, 0, 0): fail("prctl", ctypes.get_errno())
if code:
    class Program(ctypes.Structure): _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]
    held = ctypes.create_string_buffer(code, len(code))
    whole = Program(len(code) // 8, ctypes.addressof(held))
    if libc.syscall(${seccomp}, ${setFilter}, 0, ctypes.byref(whole)): fail("seccomp", ctypes.get_errno())
if init:
    passed = [signal.SIGHUP, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGCONT, signal.SIGALRM] + (
        [signal.SIGINT, signal.SIGQUIT, signal.SIGWINCH] if init != "tty" else [])
    signal.pthread_sigmask(signal.SIG_BLOCK, passed)
    child = os.fork()
    if child:
        for name in (signal.SIGINT, signal.SIGQUIT) if init == "tty" else (): signal.signal(name, lambda *_: None)
        for name in passed: signal.signal(name, lambda number, _: os.kill(child, number))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, passed)
        while True:
            ended, status = os.waitpid(-1, 0)
            if ended == child: os._exit(128 + (status & 127) if status & 127 else status >> 8)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, passed)
for number in (signal.SIGPIPE, signal.SIGINT): signal.signal(number, signal.SIG_DFL)
if int(uid):
    try: os.setresuid(int(uid), int(uid), int(uid))
    except OSError as error: fail("setuid", error.errno)
try: os.execve(file, args, env)
except OSError as error:
    os.write(2, b"unshare: failed to execute " + file + b": " + os.strerror(error.errno).encode() + b"\\n")
    os._exit(127 if error.errno == ${enoent} else 126)
`;
  return [need(facts, "python3"), "-I", "-S", "-c", program];
}
