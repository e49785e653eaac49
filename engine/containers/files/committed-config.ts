import type { ContainerConfig, Healthcheck, ImageConfig } from "../../oci/types.ts";
import { changeConfig } from "../../solver/change-config.ts";
import type { Container } from "../types.ts";

/** The configuration of an image made of a container: how it runs, then `given`, then the Dockerfile instructions. */
export function committedConfig(
  container: Container,
  image: ImageConfig,
  given: ContainerConfig,
  changes: readonly string[],
): ContainerConfig {
  const config = withGiven(runningConfig(container, image.config ?? {}), given);
  return changes.length === 0 ? config : changeConfig(config, changes, image);
}

function runningConfig(container: Container, image: ContainerConfig): ContainerConfig {
  const { options, mounts } = container;
  const entrypoint = options.entrypoint?.filter((word) => word !== "");
  const ownEntrypoint = options.entrypoint !== undefined;
  const cmd = options.cmd?.length ? options.cmd : ownEntrypoint ? undefined : image.Cmd;
  const volumes = mounts.flatMap((mount) =>
    mount.type === "volume" && mount.anonymous && !options.volumesFrom ? [mount.target] : [],
  );
  const workingDir = options.workingDir || image.WorkingDir;
  const signal = options.stopSignal ?? image.StopSignal;
  const healthcheck = container.healthcheck ? inNanoseconds(container.healthcheck) : image.Healthcheck;
  return compact({
    User: container.user || undefined,
    ExposedPorts: keyed(container.exposedPorts),
    Env: container.env,
    Entrypoint: ownEntrypoint ? (entrypoint?.length ? entrypoint : undefined) : (image.Entrypoint ?? undefined),
    Cmd: cmd ?? undefined,
    Volumes: keyed([...Object.keys(image.Volumes ?? {}), ...volumes]),
    WorkingDir: workingDir || undefined,
    Labels: Object.keys(container.labels).length > 0 ? container.labels : undefined,
    StopSignal: signal || undefined,
    Healthcheck: healthcheck,
    Shell: image.Shell,
  });
}

/** Docker's rule: what is given wins, lists of names are put together, and an entrypoint takes the command with it. */
function withGiven(config: ContainerConfig, given: ContainerConfig): ContainerConfig {
  const names = new Set(given.Env?.map(variableName));
  const { Cmd, Entrypoint, ...rest } = config;
  const command = given.Entrypoint?.length ? {} : { ...(Cmd ? { Cmd } : {}), ...(Entrypoint ? { Entrypoint } : {}) };
  return {
    ...rest,
    ...command,
    ...given,
    Env: [...(config.Env ?? []).filter((pair) => !names.has(variableName(pair))), ...(given.Env ?? [])],
    ...(config.Labels || given.Labels ? { Labels: { ...config.Labels, ...given.Labels } } : {}),
    ...(config.ExposedPorts || given.ExposedPorts
      ? { ExposedPorts: { ...config.ExposedPorts, ...given.ExposedPorts } }
      : {}),
    ...(config.Volumes || given.Volumes ? { Volumes: { ...config.Volumes, ...given.Volumes } } : {}),
  };
}

function inNanoseconds(check: NonNullable<Container["healthcheck"]>): Healthcheck {
  const ns = (ms: number | undefined) => (ms ? ms * 1_000_000 : undefined);
  return compact({
    Test: check.test,
    Interval: ns(check.intervalMs),
    Timeout: ns(check.timeoutMs),
    StartPeriod: ns(check.startPeriodMs),
    StartInterval: ns(check.startIntervalMs),
    Retries: check.retries || undefined,
  });
}

function keyed(names: readonly string[]): Record<string, object> | undefined {
  return names.length > 0 ? Object.fromEntries([...new Set(names)].sort().map((name) => [name, {}])) : undefined;
}

function variableName(pair: string): string {
  const equals = pair.indexOf("=");
  return equals < 0 ? pair : pair.slice(0, equals);
}

/** Absent instead of undefined. */
function compact<T extends object>(values: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}
