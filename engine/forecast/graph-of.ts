import type { Digest } from "../base/digest.ts";
import type { Forecast, ForecastRequest } from "../base/forecast.ts";
import type { Dockerfile, Problem } from "../dockerfile/model.ts";
import type { BaseImage, BuildGraph } from "../graph/graph.ts";
import { basesOf, lower } from "../graph/lower.ts";
import type { Platform } from "../oci/types.ts";
import { planOptions, runRequest, standIn } from "../solver/request.ts";
import { foreignImage, type StoredImages } from "./images.ts";

export type LoweredRequest =
  | {
      readonly graph: BuildGraph;
      /** Ids of stand-ins. */
      readonly missingImages: ReadonlySet<Digest>;
    }
  | { readonly problem: NonNullable<Forecast["problem"]> };

/** The graph that a build would have, with stand-ins for images that it would pull. @throws EngineError as planning does */
export async function graphOf(
  model: Dockerfile,
  request: ForecastRequest,
  platform: Platform,
  images: StoredImages,
): Promise<LoweredRequest> {
  const plan = planOptions(request, platform);
  const found = new Map<string, BaseImage>();
  const missingImages = new Set<Digest>();
  for (;;) {
    const { references, problems } = basesOf(model, { ...plan, images: found });
    if (problems.length > 0) return { problem: firstOf(problems) };
    const wanted = references.filter(({ key }) => !found.has(key));
    if (wanted.length === 0) break;
    for (const reference of wanted) {
      const image = request.engine
        ? foreignImage(reference, request.engine)
        : request.pull
          ? undefined
          : await images.find(reference);
      found.set(reference.key, image ?? standIn(reference));
      if (!image) missingImages.add(standIn(reference).id);
    }
    // Only triggers can need more images, and planning is half of what a key costs.
    if (!wanted.some(({ key }) => (found.get(key)?.config.config?.OnBuild ?? []).length > 0)) break;
  }
  const lowered = lower(model, { ...plan, images: found, run: runRequest(request) });
  return "graph" in lowered ? { graph: lowered.graph, missingImages } : { problem: firstOf(lowered.problems) };
}

function firstOf(problems: readonly Problem[]): NonNullable<Forecast["problem"]> {
  const [first] = problems.toSorted((a, b) => a.range.start.line - b.range.start.line);
  if (!first) throw new Error("there is no problem to tell");
  return { message: first.message, range: first.range };
}
