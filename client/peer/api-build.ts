import type { IncomingMessage } from "node:http";
import type { BuildEvent, BuildRequest } from "../../engine/base/build-events.ts";
import { linesOf, send, type Way } from "../engines/http.ts";
import { ClassicProgress } from "./classic.ts";
import { brokeOff, buildFailed, optionNeedsBuildx, secretsNeedBuildx } from "./errors.ts";
import { packContext } from "./pack.ts";
import { Progress } from "./progress.ts";
import { readTrace } from "./status.ts";
import { countSteps, layerSteps } from "./steps.ts";

/** One JSON value of the answer to `POST /build`. */
interface Line {
  readonly id?: string;
  readonly aux?: unknown;
  readonly stream?: string;
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
}

/**
 * A build by the engine's own API: BuildKit's where it has it, else the classic builder (Podman, Docker without BuildKit). `logins`:
 * for X-Registry-Config, by registry.
 */
export async function* buildByApi(
  way: Way,
  request: BuildRequest,
  options: {
    readonly buildKit: boolean;
    readonly engineName: string;
    readonly logins: (dockerfile: string) => Promise<Readonly<Record<string, object>>>;
  },
  signal: AbortSignal,
): AsyncGenerator<BuildEvent, void, void> {
  refuseWhatNeedsSessions(request);
  const { tar, dockerfile, dockerfileText } = await packContext(request, !options.buildKit, signal);
  const all = countSteps(dockerfileText, request.target);
  const steps = options.buildKit ? layerSteps(all) : all;
  const progress = new Progress(steps);
  yield progress.begin("build");
  const headers = {
    "content-type": "application/x-tar",
    "x-registry-config": Buffer.from(JSON.stringify(await options.logins(dockerfileText))).toString("base64"),
  };
  const path = `/build?${queryOf(request, dockerfile, options.buildKit)}`;
  const response = await send(way, "POST", path, tar, signal, headers);
  yield* options.buildKit
    ? readBuildKit(response, progress, request, options.engineName, signal)
    : readClassic(response, new ClassicProgress(progress, steps), request, options.engineName, signal);
}

async function* readBuildKit(
  response: IncomingMessage,
  progress: Progress,
  { tags = [] }: BuildRequest,
  engineName: string,
  signal: AbortSignal,
): AsyncGenerator<BuildEvent, void, void> {
  let imageId: string | undefined;
  for await (const { id, aux, error, errorDetail } of linesOf<Line>(response, signal)) {
    if (id === "moby.buildkit.trace" && typeof aux === "string") {
      yield* progress.read(readTrace(Buffer.from(aux, "base64")));
    }
    imageId = idIn(aux) ?? imageId;
    const said = errorDetail?.message ?? error;
    if (said !== undefined) {
      yield progress.failure ?? { type: "failed", error: buildFailed(said), at: Date.now() };
      return;
    }
  }
  if (imageId === undefined) throw brokeOff(engineName);
  yield* progress.end(imageId, tags);
}

async function* readClassic(
  response: IncomingMessage,
  classic: ClassicProgress,
  { tags = [] }: BuildRequest,
  engineName: string,
  signal: AbortSignal,
): AsyncGenerator<BuildEvent, void, void> {
  let imageId: string | undefined;
  for await (const { aux, stream, error, errorDetail } of linesOf<Line>(response, signal)) {
    imageId = idIn(aux) ?? imageId;
    if (stream !== undefined) yield* classic.read(stream);
    const said = errorDetail?.message ?? error;
    if (said !== undefined) {
      yield* classic.fail(said);
      return;
    }
  }
  imageId ??= classic.imageId;
  if (imageId === undefined) throw brokeOff(engineName);
  yield* classic.end(imageId, tags);
}

function idIn(aux: unknown): string | undefined {
  const id = (aux as { readonly ID?: unknown } | undefined)?.ID;
  return typeof id === "string" && id.startsWith("sha256:") ? id : undefined;
}

/** Query of `POST /build` (Engine API). */
function queryOf(request: BuildRequest, dockerfile: string, buildKit: boolean): URLSearchParams {
  const {
    tags = [],
    target,
    buildArgs,
    labels,
    noCache,
    pull,
    platform,
    network,
    addHosts = [],
    shmSizeBytes,
  } = request;
  const query = new URLSearchParams({ dockerfile, rm: "1", forcerm: "1", version: buildKit ? "2" : "1" });
  for (const tag of tags) query.append("t", tag);
  if (target !== undefined) query.set("target", target);
  if (buildArgs) query.set("buildargs", JSON.stringify(buildArgs));
  if (labels) query.set("labels", JSON.stringify(labels));
  if (noCache) query.set("nocache", "1");
  if (pull) query.set("pull", "1");
  if (platform) query.set("platform", platform);
  if (network && network !== "default") query.set("networkmode", network);
  if (addHosts.length > 0) query.set("extrahosts", addHosts.join(","));
  if (shmSizeBytes) query.set("shmsize", String(shmSizeBytes));
  return query;
}

/** What docker's client gives a build over a session of gRPC. */
function refuseWhatNeedsSessions(request: BuildRequest): void {
  if (Object.keys({ ...request.secrets, ...request.ssh }).length > 0) throw secretsNeedBuildx();
  const others: readonly (readonly [string, unknown])[] = [
    ["--build-context", Object.keys(request.buildContexts ?? {}).length > 0],
    ["--output", (request.outputs ?? []).length > 0],
    ["--cache-from", (request.cacheFrom ?? []).length > 0],
    ["--cache-to", (request.cacheTo ?? []).length > 0],
    ["--no-cache-filter", (request.noCacheFilter ?? []).length > 0],
  ];
  const asked = others.find(([, isAsked]) => isAsked);
  if (asked) throw optionNeedsBuildx(asked[0]);
  if (/^(?:https?:\/\/|git@)/.test(request.contextPath)) {
    throw optionNeedsBuildx(request.contextPath);
  }
}
