import type { ContainerConfig, Healthcheck } from "../oci/types.ts";

/** A container config that is being written. Environment and labels keep their order: it is part of cache keys. */
export interface ConfigDraft {
  user: string;
  workingDir: string;
  readonly env: Map<string, string>;
  readonly labels: Map<string, string>;
  readonly ports: Set<string>;
  readonly volumes: Set<string>;
  readonly onBuild: string[];
  entrypoint: readonly string[] | null | undefined;
  cmd: readonly string[] | null | undefined;
  shell: readonly string[] | undefined;
  stopSignal: string | undefined;
  healthcheck: Healthcheck | undefined;
  argsEscaped: boolean;
}

export function draftOf(config: ContainerConfig = {}): ConfigDraft {
  return {
    user: config.User ?? "",
    workingDir: config.WorkingDir ?? "",
    env: new Map((config.Env ?? []).map(splitVariable)),
    labels: new Map(Object.entries(config.Labels ?? {})),
    ports: new Set(Object.keys(config.ExposedPorts ?? {})),
    volumes: new Set(Object.keys(config.Volumes ?? {})),
    onBuild: [...(config.OnBuild ?? [])],
    entrypoint: config.Entrypoint,
    cmd: config.Cmd,
    shell: config.Shell,
    stopSignal: config.StopSignal,
    healthcheck: config.Healthcheck,
    argsEscaped: config.ArgsEscaped ?? false,
  };
}

export function copyDraft(draft: ConfigDraft): ConfigDraft {
  return {
    ...draft,
    env: new Map(draft.env),
    labels: new Map(draft.labels),
    ports: new Set(draft.ports),
    volumes: new Set(draft.volumes),
    onBuild: [...draft.onBuild],
  };
}

/** Absent rather than empty: what the reference leaves out is left out. */
export function finishDraft(draft: ConfigDraft): ContainerConfig {
  return {
    ...(draft.user !== "" ? { User: draft.user } : {}),
    ...(draft.ports.size > 0 ? { ExposedPorts: keyed(draft.ports) } : {}),
    Env: [...draft.env].map(([name, value]) => `${name}=${value}`),
    ...(draft.entrypoint != null ? { Entrypoint: draft.entrypoint } : {}),
    ...(draft.cmd != null ? { Cmd: draft.cmd } : {}),
    ...(draft.volumes.size > 0 ? { Volumes: keyed(draft.volumes) } : {}),
    ...(draft.workingDir !== "" ? { WorkingDir: draft.workingDir } : {}),
    ...(draft.labels.size > 0 ? { Labels: Object.fromEntries(draft.labels) } : {}),
    ...(draft.stopSignal !== undefined ? { StopSignal: draft.stopSignal } : {}),
    ...(draft.argsEscaped ? { ArgsEscaped: true } : {}),
    ...(draft.healthcheck !== undefined ? { Healthcheck: draft.healthcheck } : {}),
    ...(draft.onBuild.length > 0 ? { OnBuild: draft.onBuild } : {}),
    ...(draft.shell !== undefined ? { Shell: draft.shell } : {}),
  };
}

function keyed(names: ReadonlySet<string>): Record<string, object> {
  return Object.fromEntries([...names].sort().map((name) => [name, {}]));
}

function splitVariable(text: string): [string, string] {
  const equals = text.indexOf("=");
  return equals < 0 ? [text, ""] : [text.slice(0, equals), text.slice(equals + 1)];
}
