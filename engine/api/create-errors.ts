// What `create` and `update` refuse, in Docker's words: people look them up, and its clients show them as they are.
import { EngineError } from "../base/errors.ts";
import { type Message, msg } from "../base/message.ts";

function invalid(message: Message, hint?: Message): EngineError {
  return new EngineError({ code: "invalid-argument", message, ...(hint ? { hint } : {}) });
}

export function badBind(text: string, error?: EngineError): EngineError {
  return invalid(
    error
      ? msg("invalid volume specification: '{text}': {reason}", { text, reason: error.details.message })
      : msg("invalid volume specification: '{text}'", { text }),
    msg("Write source:/in/the/container, with :ro for read only. A source is an absolute path or a volume's name."),
  );
}

export function badMountMode(mode: string): EngineError {
  return invalid(
    msg("invalid mode: {mode}", { mode }),
    msg("Docker knows ro, rw, z, Z, nocopy, shared, slave and private."),
  );
}

export function badMount(type: string, reason: Message): EngineError {
  return invalid(msg('invalid mount config for type "{type}": {reason}', { type, reason }));
}

export const mountReasons = {
  noTarget: () => msg("field Target must not be empty"),
  noSource: () => msg("field Source must not be empty"),
  relative: (path: string) => msg("invalid mount path: '{path}' mount path must be absolute", { path }),
  root: () => msg("invalid specification: destination can't be '/'"),
  needless: (field: string) => msg("field {field} must not be specified", { field }),
  propagation: (mode: string) => msg("invalid propagation mode: {mode}", { mode }),
  escapes: (path: string) => msg("subpath {path} leads out of the volume", { path }),
};

export function unknownMountType(type: string): EngineError {
  return invalid(
    msg('invalid mount config for type "{type}": mount type unknown', { type }),
    msg("Use bind, volume or tmpfs."),
  );
}

export function duplicateMount(target: string): EngineError {
  return invalid(msg("Duplicate mount point: {target}", { target }));
}

export function badVolumeName(name: string): EngineError {
  return invalid(
    msg(
      'create {name}: "{name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed',
      { name },
    ),
    msg("If you intended to pass a host directory, use absolute path"),
  );
}

export function noVolumeDriver(driver: string): EngineError {
  return new EngineError({
    code: "not-found",
    message: msg('error looking up volume plugin {driver}: plugin "{driver}" not found', { driver }),
    hint: msg("Volumes of this engine have the driver local."),
  });
}

export function badMode(kind: "PID" | "IPC" | "UTS" | "userns" | "cgroup namespace", mode: string): EngineError {
  return invalid(msg("invalid {kind} mode: {mode}", { kind, mode }));
}

export function conflictingOptions(one: string, other: string): EngineError {
  return invalid(msg("conflicting options: {one} and {other}", { one, other }));
}

export function unknownCapability(field: "CapAdd" | "CapDrop", name: string): EngineError {
  return invalid(msg('invalid {field}: unknown capability: "CAP_{name}"', { field, name }));
}

export function badSecurityOpt(option: string): EngineError {
  return invalid(
    msg('invalid --security-opt: "{option}"', { option }),
    msg("There are no-new-privileges, seccomp=…, apparmor=… and label=…."),
  );
}

export function badSeccompProfile(reason: string): EngineError {
  return invalid(
    msg("Decoding seccomp profile failed: {reason}", { reason }),
    msg("seccomp is unconfined or the JSON of a profile."),
  );
}

export function unknownRestartPolicy(name: string): EngineError {
  return invalid(
    msg(
      "invalid restart policy: unknown policy '{name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'",
      {
        name,
      },
    ),
  );
}

export function retriesWithoutFailure(name: string): EngineError {
  return invalid(
    msg("invalid restart policy: maximum retry count can only be used with 'on-failure', not with '{name}'", { name }),
  );
}

export function negativeRetries(): EngineError {
  return invalid(msg("invalid restart policy: maximum retry count cannot be negative"));
}

export function autoRemoveAndRestart(): EngineError {
  return invalid(msg("can't create 'AutoRemove' container with restart policy"));
}

export function healthTimeTooShort(field: string): EngineError {
  return invalid(msg("{field} in Healthcheck cannot be less than 1ms", { field }));
}

export function negativeHealthRetries(): EngineError {
  return invalid(msg("Retries in Healthcheck cannot be negative"));
}

export function unknownHealthTest(kind: string): EngineError {
  return invalid(msg("Unknown healthcheck type '{kind}' (expected 'CMD')", { kind }));
}

export function noLogDriver(name: string): EngineError {
  return invalid(
    msg('error looking up logging plugin {name}: plugin "{name}" not found', { name }),
    msg("This engine has json-file, local and none."),
  );
}

export function unknownLogOption(option: string, driver: string): EngineError {
  return invalid(msg("unknown log opt '{option}' for {driver} log driver", { option, driver }));
}

export function badLogOption(option: string, value: string): EngineError {
  return invalid(msg("invalid value for log opt {option}: {value}", { option, value }));
}

export function unknownRuntime(name: string): EngineError {
  return invalid(msg("unknown or invalid runtime name: {name}", { name }));
}

export function noDeviceDriver(driver: string, capabilities: string): EngineError {
  return new EngineError({
    code: "unsupported",
    message: msg('could not select device driver "{driver}" with capabilities: {capabilities}', {
      driver,
      capabilities,
    }),
    hint: msg("This engine passes devices on by their path only (--device)."),
  });
}

export function memoryTooSmall(): EngineError {
  return invalid(msg("Minimum memory limit allowed is 6MB"));
}

export function reservationTooSmall(): EngineError {
  return invalid(msg("Minimum memory reservation allowed is 6MB"));
}

export function swapBelowMemory(): EngineError {
  return invalid(msg("Minimum memoryswap limit should be larger than memory limit, see usage"));
}

export function swapWithoutMemory(): EngineError {
  return invalid(msg("You should always set the Memory limit when using Memoryswap limit, see usage"));
}

export function memoryBelowReservation(): EngineError {
  return invalid(msg("Minimum memory limit can not be less than memory reservation limit, see usage"));
}

export function badSwappiness(value: number): EngineError {
  return invalid(msg("Invalid value: {value}, valid memory swappiness range is 0-100", { value }));
}

export function tooManyCpus(count: number): EngineError {
  return invalid(
    msg("Range of CPUs is from 0.01 to {most}, as there are only {count} CPUs available", {
      most: count.toFixed(2),
      count,
    }),
  );
}

export function conflictingCpus(other: "Period" | "Quota"): EngineError {
  return invalid(msg("Conflicting options: Nano CPUs and CPU {other} cannot both be set.", { other }));
}

export function badCpuPeriod(): EngineError {
  return invalid(msg("CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)"));
}

export function badCpuQuota(): EngineError {
  return invalid(msg("CPU cfs quota can not be less than 1ms (i.e. 1000)"));
}

export function badCpuset(value: string, kind: "cpus" | "mems"): EngineError {
  return invalid(msg("Invalid value {value} for cpuset {kind}", { value, kind }));
}

export function unavailableCpus(wanted: string, count: number): EngineError {
  return invalid(
    msg("Requested CPUs are not available - requested {wanted}, available: 0-{last}", { wanted, last: count - 1 }),
  );
}

export function badBlkioWeight(): EngineError {
  return invalid(msg("Range of blkio weight is from 10 to 1000"));
}

export function badOomScore(value: number): EngineError {
  return invalid(msg("Invalid value {value}, range for oom score adj is [-1000, 1000]", { value }));
}

export function badShmSize(): EngineError {
  return invalid(msg("SHM size can not be less than 0"));
}

export function badUlimit(name: string): EngineError {
  return invalid(msg("invalid ulimit: {name}", { name }));
}
