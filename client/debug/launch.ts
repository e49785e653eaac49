import path from "node:path";
import type { BuildRequest } from "../../engine/base/build-events.ts";
import { type BuildSettings, requestFor } from "../builds/settings.ts";

/** `launch` of launch.json; VS Code has put in what stands in `${…}`. */
export interface LaunchConfiguration {
  readonly dockerfile?: string;
  readonly context?: string;
  readonly target?: string;
  readonly args?: Readonly<Record<string, string>>;
  readonly platform?: string;
  readonly stopOnEntry?: boolean;
  readonly noDebug?: boolean;
}

/** What was chosen for the Dockerfile's builds, under what the configuration says. */
export function settingsFor(
  { context, target, args, platform }: LaunchConfiguration,
  remembered: BuildSettings,
  folder: string,
): BuildSettings {
  return {
    ...remembered,
    ...(context ? { context: path.resolve(folder, context) } : {}),
    ...(target ? { target } : {}),
    ...(platform ? { platform } : {}),
    ...(args ? { buildArgs: { ...remembered.buildArgs, ...args } } : {}),
  };
}

/** A build of a Dockerfile's upper part. The cache is what makes going through it quick: it is always used. */
export function partRequest(
  settings: BuildSettings,
  place: { readonly dockerfile: string; readonly context: string },
  env: Readonly<Record<string, string | undefined>>,
): BuildRequest {
  const { target: _, noCache: _none, pull: _never, ...rest } = settings;
  return { ...requestFor(rest, { ...place, tag: undefined }, env), isPart: true };
}
