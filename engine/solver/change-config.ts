import { parse } from "../dockerfile/parse.ts";
import { lower } from "../graph/lower.ts";
import type { ContainerConfig, ImageConfig, Platform } from "../oci/types.ts";
import { dockerfileProblems } from "./errors.ts";
import { badChange } from "./output-errors.ts";

/** What changes nothing but the configuration. */
const allowed = /^\s*(?:CMD|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|ONBUILD|STOPSIGNAL|USER|VOLUME|WORKDIR)\s/i;

/** A configuration with Dockerfile instructions over it, like `CMD ["sh"]`. @throws EngineError `invalid-argument`, `dockerfile-syntax` */
export function changeConfig(config: ContainerConfig, changes: readonly string[], image: Platform): ContainerConfig {
  const odd = changes.find((change) => !allowed.test(`${change} `));
  if (odd !== undefined) throw badChange(odd);
  const { os, architecture, variant } = image;
  const platform: Platform = { os, architecture, ...(variant ? { variant } : {}) };
  const base: ImageConfig = { ...platform, config, rootfs: { type: "layers", diff_ids: [] } };
  const id = `sha256:${"0".repeat(64)}` as ImageConfig["rootfs"]["diff_ids"][number];
  const dockerfile = parse(`FROM container\n${changes.join("\n")}\n`);
  const lowered = lower(dockerfile, { platform, images: new Map([["container", { id, config: base }]]) });
  if ("problems" in lowered) throw dockerfileProblems(lowered.problems);
  return lowered.graph.config;
}
