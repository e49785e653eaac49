import type { SeccompProfile, SeccompRule } from "./profile.ts";

/**
 * What Docker's default profile refuses or gives with a capability (docs.docker.com, "Seccomp security profiles for Docker"). Every
 * other call of the tables in syscalls.ts is allowed; what is newer than the tables is not.
 */
const refused = words(`
  _sysctl add_key afs_syscall bdflush break create_module epoll_ctl_old epoll_wait_old ftime get_kernel_syms getpmsg gtty idle
  io_uring_enter io_uring_register io_uring_setup kexec_file_load kexec_load keyctl lock migrate_pages move_pages mpx nfsservctl
  oldfstat oldlstat oldolduname oldstat olduname pivot_root prof profil putpmsg query_module request_key security sgetmask ssetmask stty
  swapoff swapon sysfs tuxcall ulimit uselib userfaultfd ustat vm86 vm86old vserver
`);

const withCapability: Readonly<Record<string, readonly string[]>> = {
  DAC_READ_SEARCH: words("open_by_handle_at"),
  SYS_ADMIN: words(`
    bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick listmount lookup_dcookie lsm_get_self_attr lsm_list_modules
    lsm_set_self_attr mount mount_setattr move_mount open_tree perf_event_open quotactl quotactl_fd setdomainname sethostname setns
    statmount syslog umount umount2 unshare
  `),
  SYS_BOOT: words("reboot"),
  SYS_CHROOT: words("chroot"),
  SYS_MODULE: words("delete_module finit_module init_module"),
  SYS_NICE: words("get_mempolicy mbind set_mempolicy set_mempolicy_home_node"),
  SYS_PACCT: words("acct"),
  SYS_PTRACE: words("kcmp pidfd_getfd process_madvise"),
  SYS_RAWIO: words("ioperm iopl"),
  SYS_TIME: words("clock_settime clock_settime64 settimeofday stime"),
  SYS_TTY_CONFIG: words("vhangup"),
  SYSLOG: words("syslog"),
  BPF: words("bpf"),
  PERFMON: words("perf_event_open"),
};

/** sched.h, CLONE_NEW* but for CLONE_NEWTIME, which is no flag of clone(2). */
const newNamespaces = 0x7e020000;
const vsock = 40;
const [allow, error] = ["SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO"];
const eperm = 1;
const enosys = 38;

/** @param known all names of the machine's tables */
export function defaultProfile(known: Iterable<string>): SeccompProfile {
  const special = new Set([...refused, ...Object.values(withCapability).flat(), "personality", "socket"]);
  const rules: SeccompRule[] = [
    { names: [...known].filter((name) => !special.has(name)), action: allow },
    // Linux, Linux on a 32-bit address space, both with UNAME26, and the question which it is.
    ...[0, 8, 0x20000, 0x20008, 0xffffffff].map(
      (value): SeccompRule => ({
        names: ["personality"],
        action: allow,
        args: [{ index: 0, op: "SCMP_CMP_EQ", value }],
      }),
    ),
    { names: ["socket"], action: allow, args: [{ index: 0, op: "SCMP_CMP_NE", value: vsock }] },
    ...Object.entries(withCapability).map(
      ([capability, names]): SeccompRule => ({
        names,
        action: allow,
        includes: { caps: [`CAP_${capability}`] },
      }),
    ),
    {
      names: ["clone"],
      action: allow,
      args: [{ index: 0, op: "SCMP_CMP_MASKED_EQ", value: newNamespaces, valueTwo: 0 }],
      excludes: { caps: ["CAP_SYS_ADMIN"] },
    },
    // Its flags are behind a pointer, where no filter can look: the C library takes clone instead.
    { names: ["clone3"], action: error, errnoRet: enosys, excludes: { caps: ["CAP_SYS_ADMIN"] } },
  ];
  return { defaultAction: error, defaultErrnoRet: eperm, syscalls: rules };
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
