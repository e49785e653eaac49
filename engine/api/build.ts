import { mkdtemp, realpath, rm } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import type { BuildEvent, BuildRequest } from "../base/build-events.ts";
import { bodyOf } from "./body.ts";
import { sandboxOfQuery } from "./build-options.ts";
import { isAddress } from "./build-request.ts";
import { buildkitTrace } from "./buildkit-trace.ts";
import { type Call, flag, sendJson, text } from "./call.ts";
import { classicStream } from "./classic-stream.ts";
import { readRegistryConfig } from "./credentials.ts";
import { badParameter, dockerfileOutsideContext, newBuilderUnsupported, statusOf } from "./errors.ts";
import { fieldsOf } from "./fields.ts";
import { jsonLines } from "./json-lines.ts";
import { type Route, route } from "./router.ts";
import type { Services } from "./services.ts";

export const buildRoutes: readonly Route[] = [route("POST", "/build", build)];

/** How the folder of an uploaded context is named in the scratch folder. */
export const uploadPrefix = "context-";

/** `POST /build`: the classic builder's protocol. The body is the context as a tar or a Dockerfile, unless `remote` says where it is. */
async function build(call: Call, services: Services): Promise<void> {
  const remote = text(call, "remote");
  // `client-session`: the context comes over a gRPC session, as BuildKit's clients do it.
  if (text(call, "session") !== undefined || remote === "client-session") throw newBuilderUnsupported();
  if (remote !== undefined) return buildRemote(call, services, remote);
  const request = readRequest(call);
  const credentials = readRegistryConfig(call.req.headers["x-registry-config"]);
  const done = services.busy();
  const upload = await mkdtemp(path.join(services.scratchDir, uploadPrefix));
  let finish: () => Promise<void>;
  try {
    const folder = path.join(upload, "files");
    await services.extractContext(Readable.from(bodyOf(call.req), { objectMode: false }), folder, {
      signal: call.signal,
    });
    const dockerfile = await locateDockerfile(folder, text(call, "dockerfile") ?? "Dockerfile");
    finish = await run(call, { ...request, contextPath: folder, dockerfile }, credentials, services);
  } finally {
    await rm(upload, { recursive: true, force: true });
    done();
  }
  await finish();
}

/** The context is fetched by the engine: a repository, a tar, or nothing but a Dockerfile. */
async function buildRemote(call: Call, services: Services, remote: string): Promise<void> {
  const address = /^(?:github|gitlab)\.com\//.test(remote) ? `https://${remote}` : remote;
  if (!isAddress(address)) throw badParameter("remote", remote);
  const dockerfile = text(call, "dockerfile");
  const request = { ...readRequest(call), contextPath: address, ...(dockerfile === undefined ? {} : { dockerfile }) };
  const credentials = readRegistryConfig(call.req.headers["x-registry-config"]);
  const done = services.busy();
  let finish: () => Promise<void>;
  try {
    finish = await run(call, request, credentials, services);
  } finally {
    done();
  }
  await finish();
}

/** An upload has another folder each time: its builds belong together by what they are called. */
function originOf(call: Call): string {
  return JSON.stringify([text(call, "remote"), text(call, "dockerfile"), call.query.getAll("t").sort()]);
}

type Credentials = ReturnType<typeof readRegistryConfig>;

/** Returns what is left to send, for when the upload has been swept away. */
async function run(
  call: Call,
  request: BuildRequest,
  credentials: Credentials,
  { builder }: Services,
): Promise<() => Promise<void>> {
  const lines = jsonLines(call);
  // Who asks for BuildKit and sends the context all the same wants its progress, not its session.
  const stream =
    text(call, "version") === "2" ? buildkitTrace(lines) : classicStream(lines, { quiet: flag(call, "q") });
  let early: Extract<BuildEvent, { type: "failed" }> | undefined;
  const emit = (event: BuildEvent) => {
    // What fails before a word was said is a plain error answer: every client shows those.
    if (event.type === "failed" && !(lines.started || stream.spoken)) early = event;
    else stream.onEvent(event);
  };
  await builder.build(request, { emit, signal: call.signal, credentials, origin: originOf(call) });
  const failed = early;
  return failed
    ? async () => sendJson(call, statusOf(failed.error.drydock?.code ?? "internal"), failed.error)
    : lines.end;
}

function readRequest(call: Call): Omit<BuildRequest, "contextPath"> {
  const target = text(call, "target");
  const platform = text(call, "platform");
  const buildArgs = textRecord(call, "buildargs");
  const labels = textRecord(call, "labels");
  return {
    tags: call.query.getAll("t").filter((tag) => tag !== ""),
    noCache: flag(call, "nocache"),
    pull: flag(call, "pull"),
    ...(target === undefined ? {} : { target }),
    ...(platform === undefined ? {} : { platform }),
    ...(buildArgs === undefined ? {} : { buildArgs }),
    ...(labels === undefined ? {} : { labels }),
    ...sandboxOfQuery(call),
  };
}

/** A JSON object in the query. A null value (an argument without a value that the client does not have) is left out. */
function textRecord(call: Call, name: string): Readonly<Record<string, string>> | undefined {
  const json = text(call, name);
  if (json === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw badParameter(name, json);
  }
  const fields = fieldsOf(value ?? {}, name);
  const pairs = fields.keys().map((key) => [key, fields.text(key)] as const);
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

/** Absolute path of the Dockerfile, which must be inside the context: also a symlink of the upload must not lead out. */
async function locateDockerfile(folder: string, name: string): Promise<string> {
  const file = path.join(folder, path.posix.normalize(`/${name}`));
  const real = await realpath(file).catch(() => undefined);
  const root = await realpath(folder).catch(() => folder);
  if (real === undefined || !real.startsWith(`${root}/`)) throw dockerfileOutsideContext(name);
  return file;
}
