import type { BuildRequest } from "../base/build-events.ts";
import { digestOf } from "../base/digest.ts";
import type { BaseImage, RunHost } from "../graph/graph.ts";
import { readNamedContexts } from "../graph/named-contexts.ts";
import type { BaseReference, PlanOptions } from "../graph/plan.ts";
import type { RunRequest } from "../graph/run.ts";
import { parsePlatform } from "../oci/platform.ts";
import type { Platform } from "../oci/types.ts";
import { badPlatform, notLinux, severalPlatforms } from "./errors.ts";

/** What of a request decides the graph. */
type Asked = Pick<
  BuildRequest,
  "platform" | "target" | "buildArgs" | "buildContexts" | "network" | "allow" | "addHosts" | "shmSizeBytes" | "ulimits"
>;

/** @throws EngineError for a platform that is none, or that nobody builds here. */
export function planOptions({ platform: asked, target, buildArgs, buildContexts }: Asked, host: Platform): PlanOptions {
  if (asked?.includes(",")) throw severalPlatforms(asked);
  const platform = asked ? parsePlatform(asked, host) : host;
  if (!platform) throw badPlatform(asked ?? "");
  if (platform.os !== "linux") throw notLinux(platform.os);
  return {
    platform,
    buildPlatform: host,
    contexts: readNamedContexts(buildContexts),
    ...(target === undefined ? {} : { target }),
    ...(buildArgs === undefined ? {} : { buildArgs }),
  };
}

export function runRequest({ network, allow, addHosts = [], shmSizeBytes, ulimits = [] }: Asked): RunRequest {
  const host: RunHost = {
    ...(addHosts.length === 0 ? {} : { extraHosts: addHosts }),
    ...(shmSizeBytes === undefined ? {} : { shmSizeBytes }),
    ...(ulimits.length === 0 ? {} : { ulimits }),
  };
  return {
    ...(network === undefined ? {} : { network }),
    ...(allow === undefined ? {} : { allow }),
    ...(Object.keys(host).length === 0 ? {} : { host }),
  };
}

/** Stands for an image that is not here yet. */
export function standIn({ key, platform: { os, architecture } }: BaseReference): BaseImage {
  const id = digestOf(`not pulled yet: ${key}`);
  return { id, config: { os, architecture, rootfs: { type: "layers", diff_ids: [id] } } };
}
