import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import type { BuildEvent, BuildRequest } from "../../engine/base/build-events.ts";
import { loadContext } from "../../engine/context/load.ts";
import { withoutMemory } from "../../engine/context/stat-cache.ts";
import { brokeOff, buildFailed, programFailed } from "./errors.ts";
import { Progress } from "./progress.ts";
import { RawJsonReader } from "./status.ts";
import { countSteps, layerSteps } from "./steps.ts";

export interface BuildxOptions {
  /** docker, with the buildx plug-in. */
  readonly program: string;
  /** DOCKER_HOST or DOCKER_CONTEXT of the engine. */
  readonly env: Readonly<Record<string, string>>;
  /** Absent: the one that is in use. */
  readonly builder?: string;
}

/** A build by `docker buildx`, with any builder: its progress comes as JSON. */
export async function* buildByBuildx(
  request: BuildRequest,
  options: BuildxOptions,
  signal: AbortSignal,
): AsyncGenerator<BuildEvent, void, void> {
  const folder = mkdtempSync(path.join(tmpdir(), "drydock-buildx-"));
  try {
    yield* run(request, options, folder, signal);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function* run(
  request: BuildRequest,
  { program, env, builder }: BuildxOptions,
  folder: string,
  signal: AbortSignal,
): AsyncGenerator<BuildEvent, void, void> {
  const { text, file } = await dockerfileOf(request, folder, signal);
  const progress = new Progress(layerSteps(countSteps(text, request.target)));
  yield progress.begin("build");
  const idFile = path.join(folder, "image-id");
  const secretEnv: Record<string, string> = {};
  const args = buildxArguments(request, { file, idFile, secretEnv, ...(builder === undefined ? {} : { builder }) });
  const child = spawn(program, args, {
    env: { ...process.env, ...env, ...secretEnv },
    stdio: ["ignore", "ignore", "pipe"],
    signal,
    killSignal: "SIGINT",
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.on("error", (error) => reject(signal.aborted ? error : programFailed(program, error.message)));
    child.on("close", (code) => resolve(code ?? 1));
  });
  ended.catch(() => {});
  const said: string[] = [];
  const reader = new RawJsonReader();
  for await (const line of createInterface({ input: child.stderr })) {
    const status = reader.read(line);
    if (status === "other") said.push(line);
    else if (status) yield* progress.read(status);
  }
  const code = await ended;
  if (code === 0) {
    yield* progress.end(readFileSync(idFile, "utf8").trim(), request.tags ?? []);
    return;
  }
  const words = said.findLast((line) => /^ERROR: /.test(line)) ?? said.at(-1);
  if (!progress.failure && words === undefined) throw brokeOff("buildx");
  yield progress.failure ?? {
    type: "failed",
    error: buildFailed((words ?? "").replace(/^ERROR: /, "")),
    at: Date.now(),
  };
}

/** A remote context's Dockerfile is not known here: then nothing is known of its steps. */
async function dockerfileOf(request: BuildRequest, folder: string, signal: AbortSignal) {
  if (request.dockerfileText !== undefined) {
    const file = path.join(folder, "Dockerfile");
    writeFileSync(file, request.dockerfileText);
    // The text stands for the file, whose own ignore file goes with it.
    const ignored = `${path.resolve(request.contextPath, request.dockerfile ?? "Dockerfile")}.dockerignore`;
    if (existsSync(ignored)) copyFileSync(ignored, `${file}.dockerignore`);
    return { text: request.dockerfileText, file };
  }
  if (/^(?:https?:\/\/|git@|ssh:\/\/)/.test(request.contextPath)) return { text: "", file: request.dockerfile };
  const context = await loadContext({ ...request, statCache: withoutMemory, signal });
  return { text: context.dockerfileText, file: context.dockerfile };
}

interface Places {
  readonly file: string | undefined;
  readonly idFile: string;
  readonly builder?: string;
  /** Gets the variables that secrets travel in: never an argument. */
  readonly secretEnv: Record<string, string>;
}

export function buildxArguments(request: BuildRequest, { file, idFile, builder, secretEnv }: Places): string[] {
  const flags = (name: string, values: readonly string[] | undefined) =>
    (values ?? []).flatMap((value) => [name, value]);
  const pairs = (record: Readonly<Record<string, string>> | undefined) =>
    Object.entries(record ?? {}).map(([name, value]) => `${name}=${value}`);
  const secrets = Object.entries(request.secrets ?? {}).map(([id, source], index) => {
    if (source.kind === "file") return `id=${id},src=${source.path}`;
    const variable = `DRYDOCK_SECRET_${index}`;
    secretEnv[variable] = Buffer.from(source.value, "base64").toString();
    return `id=${id},env=${variable}`;
  });
  return [
    "buildx",
    "build",
    "--progress=rawjson",
    "--iidfile",
    idFile,
    ...((request.outputs ?? []).length === 0 ? ["--load"] : []),
    ...(builder === undefined ? [] : ["--builder", builder]),
    ...(file === undefined ? [] : ["--file", file]),
    ...flags("--tag", request.tags),
    ...(request.target === undefined ? [] : ["--target", request.target]),
    ...flags("--build-arg", pairs(request.buildArgs)),
    ...flags("--label", pairs(request.labels)),
    ...(request.noCache ? ["--no-cache"] : []),
    ...flags("--no-cache-filter", request.noCacheFilter),
    ...(request.pull ? ["--pull"] : []),
    ...(request.platform ? ["--platform", request.platform] : []),
    ...flags("--secret", secrets),
    ...flags(
      "--ssh",
      Object.entries(request.ssh ?? {}).map(([id, socket]) => `${id}=${socket}`),
    ),
    ...flags("--build-context", pairs(request.buildContexts)),
    ...flags("--add-host", request.addHosts),
    ...(request.network && request.network !== "default" ? ["--network", request.network] : []),
    ...(request.shmSizeBytes ? ["--shm-size", String(request.shmSizeBytes)] : []),
    ...flags("--allow", request.allow),
    ...flags("--cache-from", request.cacheFrom),
    ...flags("--cache-to", request.cacheTo),
    ...flags("--output", request.outputs),
    "--",
    request.contextPath,
  ];
}
