import type { Digest } from "../../engine/base/digest.ts";
import { formatMessage } from "../../engine/base/message.ts";
import type { Problem } from "../../engine/dockerfile/model.ts";
import { parse } from "../../engine/dockerfile/parse.ts";
import type { BaseImage, BuildGraph, CopyOp, RunOp } from "../../engine/graph/graph.ts";
import { type LowerOptions, lower } from "../../engine/graph/lower.ts";
import type { ContainerConfig } from "../../engine/oci/types.ts";

export const platform = { os: "linux", architecture: "amd64" };

/** A base image with one layer. */
export function baseImage(config: ContainerConfig = {}, more: Partial<BaseImage["config"]> = {}): BaseImage {
  return {
    id: `sha256:${"a".repeat(64)}` as Digest,
    config: {
      ...platform,
      config,
      rootfs: { type: "layers", diff_ids: [`sha256:${"b".repeat(64)}` as Digest] },
      ...more,
    },
  };
}

type Options = Partial<LowerOptions>;

/** The graph of a file whose base images are all called `base`, or as given. */
export function graphOf(text: string, options: Options = {}): BuildGraph {
  const result = lowered(text, options);
  if ("graph" in result) return result.graph;
  throw new Error(result.problems.map(({ message }) => formatMessage(message)).join("\n"));
}

export function problemsOf(text: string, options: Options = {}): readonly Problem[] {
  const result = lowered(text, options);
  return "problems" in result ? result.problems : [];
}

function lowered(text: string, options: Options): ReturnType<typeof lower> {
  return lower(parse(text), { platform, images: new Map([["base", baseImage()]]), ...options });
}

export function runsOf({ vertices }: BuildGraph): RunOp[] {
  return vertices.flatMap(({ op }) => (op.kind === "run" ? [op] : []));
}

export function copiesOf({ vertices }: BuildGraph): CopyOp[] {
  return vertices.flatMap(({ op }) => (op.kind === "copy" ? [op] : []));
}
