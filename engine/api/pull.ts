import { EngineError } from "../base/errors.ts";
import { familiarReference, formatReference, parseReference, type Reference } from "../oci/reference.ts";
import type { Platform } from "../oci/types.ts";
import type { Credentials, PullProgress } from "../registry/types.ts";
import { type Call, text } from "./call.ts";
import { readCredentials } from "./credentials.ts";
import { badParameter, toErrorBody } from "./errors.ts";
import { nowNs } from "./event-log.ts";
import { type JsonLines, jsonLines } from "./json-lines.ts";
import type { Services } from "./services.ts";

/** `POST /images/create?fromImage=node&tag=24`: Docker's progress stream. Without a tag all tags. */
export async function pull(call: Call, services: Services): Promise<void> {
  const from = text(call, "fromImage");
  if (from === undefined) throw badParameter("fromImage", "");
  const tag = text(call, "tag");
  const given = parseReference(tag === undefined ? from : tag.includes(":") ? `${from}@${tag}` : `${from}:${tag}`);
  // `docker pull -a` names no tag, and nothing else of Docker's does.
  const isAll = tag === undefined && !from.includes("@") && !from.includes(":", from.lastIndexOf("/") + 1);
  const credentials = readCredentials(call.req.headers["x-registry-auth"]);
  const platform = readPlatform(text(call, "platform"));

  const lines = jsonLines(call);
  const done = services.busy();
  // Until the image has its name, nothing may sweep its blobs away.
  const lease = services.content.lease();
  try {
    const { signal } = call;
    const options = { signal, ...(credentials ? { credentials } : {}) };
    const tags = isAll ? await services.registry.tags(given, options) : [given.tag];
    for (const one of tags) {
      const reference = one === undefined ? given : { ...given, tag: one };
      await pullImage(reference, { lines, signal, credentials, platform }, services);
    }
  } catch (error) {
    // Nothing has been said yet: the client gets a status, which is what it decides on.
    if (!lines.started) throw error;
    sendFailure(lines, error);
  } finally {
    lease.release();
    done();
  }
  await lines.end();
}

interface PullCall {
  readonly lines: JsonLines;
  readonly signal: AbortSignal;
  readonly credentials: Credentials | undefined;
  readonly platform: Platform | undefined;
}

async function pullImage(reference: Reference, call: PullCall, services: Services): Promise<void> {
  const { lines, signal, credentials, platform } = call;
  const name = reference.tag ?? reference.digest ?? "latest";
  const known = await services.images.find(formatReference(reference));
  const progress = progressLines(lines, () => lines.send({ status: `Pulling from ${reference.repository}`, id: name }));
  const pulled = await services.registry.pull(reference, {
    signal,
    onProgress: progress.on,
    ...(credentials ? { credentials } : {}),
    ...(platform ? { platform } : {}),
  });
  const { tag: _, ...untagged } = reference;
  const repoDigest = formatReference({ ...untagged, digest: pulled.rootDigest });
  const names = reference.tag === undefined ? [] : [reference];
  const image = await services.images.add(pulled.manifest, names, { repoDigest });
  const shown = familiarReference(reference);
  progress.finish(known?.id !== image.id);
  lines.send({ status: `Digest: ${pulled.rootDigest}` });
  lines.send({
    status:
      known?.id === image.id
        ? `Status: Image is up to date for ${shown}`
        : `Status: Downloaded newer image for ${shown}`,
  });
  services.events.emit({ type: "image", action: "pull", id: shown, attributes: { name: shown }, timeNs: nowNs() });
}

interface ProgressLines {
  on(progress: PullProgress): void;
  /** Of an image that was here already its layers are not told one by one. */
  finish(isNews: boolean): void;
}

/**
 * Turns our progress into Docker's words; a line is sent only when a word or, by some distance, the number changed. Nothing is
 * said before the manifest is there: an image that does not exist is an answer with a status.
 */
export function progressLines(lines: JsonLines, begin: () => void): ProgressLines {
  const last = new Map<string, { status: string; at: number }>();
  let begun = false;
  let held: (() => void)[] = [];
  const start = () => {
    if (!begun) begin();
    begun = true;
  };
  const flush = () => {
    start();
    for (const send of held) send();
    held = [];
  };
  const on = ({ item, status, currentBytes, totalBytes }: PullProgress) => {
    if (item === "manifest") return;
    const before = last.get(item);
    const now = Date.now();
    if (before?.status === status && (status !== "downloading" || now - before.at < 100)) return;
    last.set(item, { status, at: now });
    if (!before && status !== "exists" && status !== "waiting") {
      flush();
      lines.send({ status: "Pulling fs layer", progressDetail: {}, id: item });
    }
    const detail =
      status === "downloading"
        ? { current: currentBytes, ...(totalBytes === undefined ? {} : { total: totalBytes }) }
        : {};
    const send = () => lines.send({ status: words[status], progressDetail: detail, id: item });
    if (status === "exists") held.push(send);
    else {
      flush();
      send();
    }
    if (status === "downloaded") lines.send({ status: "Pull complete", progressDetail: {}, id: item });
  };
  return { on, finish: (isNews) => (isNews ? flush() : start()) };
}

const words: Readonly<Record<PullProgress["status"], string>> = {
  waiting: "Waiting",
  downloading: "Downloading",
  verifying: "Verifying Checksum",
  downloaded: "Download complete",
  exists: "Already exists",
};

/** The last line of a stream that failed: both fields are read, by different clients. */
export function sendFailure(lines: JsonLines, error: unknown): void {
  const { status, body } = toErrorBody(error);
  const code = error instanceof EngineError ? (error.details.exitCode ?? status) : status;
  lines.send({ errorDetail: { code, message: body.message }, error: body.message, drydock: body.drydock });
}

/** `linux/arm64/v8`, or the JSON form of an OCI platform that newer clients send. */
export function readPlatform(value: string | undefined): Platform | undefined {
  if (value === undefined) return undefined;
  const [os, architecture, variant] = value.startsWith("{") ? fromJson(value) : value.split("/");
  if (!os || !architecture) throw badParameter("platform", value);
  return { os, architecture, ...(variant ? { variant } : {}) };
}

function fromJson(value: string): readonly (string | undefined)[] {
  try {
    const { os, architecture, variant } = JSON.parse(value) as Record<string, string | undefined>;
    return [os, architecture, variant];
  } catch {
    throw badParameter("platform", value);
  }
}
