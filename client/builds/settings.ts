import type { BuildRequest, SecretSource } from "../../engine/base/build-events.ts";

/** What was chosen for a Dockerfile, remembered for its next build. Secrets are named by where they come from, never by value. */
export interface BuildSettings {
  /** Absolute; absent: guessed. */
  readonly context?: string;
  readonly target?: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly platform?: string;
  /** By id: a file of this machine, or a variable of the editor's environment. */
  readonly secrets?: Readonly<Record<string, SecretPlace>>;
  readonly noCache?: boolean;
  readonly pull?: boolean;
}

export type SecretPlace =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "environment"; readonly name: string };

interface Memory {
  get<T>(key: string): T | undefined;
  update(key: string, value: unknown): Thenable<void>;
}

const keyOf = (file: string) => `build.settings:${file}`;

export function readSettings(storage: Memory, file: string): BuildSettings {
  return storage.get<BuildSettings>(keyOf(file)) ?? {};
}

export async function saveSettings(storage: Memory, file: string, settings: BuildSettings): Promise<void> {
  await storage.update(keyOf(file), settings);
}

/** What a build is asked for. A variable that is not set gives an empty secret no chance: it is left out, and the engine says so. */
export function requestFor(
  settings: BuildSettings,
  place: { readonly dockerfile: string; readonly context: string; readonly tag: string | undefined },
  env: Readonly<Record<string, string | undefined>>,
): BuildRequest {
  const { target, buildArgs, platform, secrets, noCache, pull } = settings;
  const given = Object.entries(secrets ?? {}).flatMap(([id, place]): [string, SecretSource][] => {
    if (place.kind === "file") return [[id, { kind: "file", path: place.path }]];
    const value = env[place.name];
    if (value === undefined) return [];
    return [[id, { kind: "value", value: Buffer.from(value).toString("base64") }]];
  });
  return {
    contextPath: place.context,
    dockerfile: place.dockerfile,
    tags: place.tag === undefined ? [] : [place.tag],
    ...(target === undefined ? {} : { target }),
    ...(buildArgs && Object.keys(buildArgs).length > 0 ? { buildArgs } : {}),
    ...(platform ? { platform } : {}),
    ...(given.length > 0 ? { secrets: Object.fromEntries(given) } : {}),
    ...(noCache ? { noCache } : {}),
    ...(pull ? { pull } : {}),
  };
}
