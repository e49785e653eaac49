import type { Dockerfile } from "../dockerfile/model.ts";
import type { BaseImage } from "../graph/graph.ts";
import { basesOf } from "../graph/lower.ts";
import { layoutScheme } from "../graph/named-contexts.ts";
import type { BaseReference, PlanOptions } from "../graph/plan.ts";
import { parseReference } from "../oci/reference.ts";
import type { Platform } from "../oci/types.ts";
import type { Credentials, PullProgress, Registry } from "../registry/types.ts";
import type { Layer } from "../snapshot/types.ts";
import type { ContentStore, ImageRecord, ImageStore } from "../store/types.ts";
import { asEngineError, at, dockerfileProblems, imageDamaged, notLinux } from "./errors.ts";
import { importLayout } from "./oci-layout.ts";
import type { SelectionMemo } from "./selection-memo.ts";
import type { SharedWork } from "./shared-work.ts";
import { findStored, platformKey } from "./stored-images.ts";

export interface FoundImage extends BaseImage {
  readonly layers: readonly Layer[];
  readonly pulled: boolean;
  readonly durationMs: number;
}

interface FindBasesOptions {
  readonly images: ImageStore;
  readonly content: ContentStore;
  /** Which image a name was for another platform than the machine's. */
  readonly memo: SelectionMemo;
  readonly registry: Registry;
  readonly pulls: SharedWork<ImageRecord, PullProgress>;
  readonly plan: PlanOptions;
  /** Whether it is the machine's platform. */
  readonly isOwn: (platform: Platform) => boolean;
  /** Ask the registry although the image is here. */
  readonly pull: boolean;
  readonly credentials: Readonly<Record<string, Credentials>>;
  readonly signal: AbortSignal;
  readonly now: () => number;
  /** Called before the first pull of each round, with the images that are already here. */
  readonly onPull: (found: ReadonlyMap<string, FoundImage>, missing: readonly BaseReference[]) => void;
  readonly onProgress: (reference: BaseReference, progress: PullProgress) => void;
}

/**
 * Finds every image that the target needs, in the store or from its registry, all at once; again when the triggers of
 * what came need more. By `BaseReference.key`.
 * @throws EngineError with the place of the FROM: what pulling throws, `dockerfile-syntax`, `unsupported`.
 */
export async function findBases(
  dockerfile: Dockerfile,
  options: FindBasesOptions,
): Promise<ReadonlyMap<string, FoundImage>> {
  const found = new Map<string, FoundImage>();
  while (true) {
    const { references, problems } = basesOf(dockerfile, { ...options.plan, images: found });
    if (problems.length > 0) throw dockerfileProblems(problems);
    const wanted = references.filter(({ key }) => !found.has(key));
    if (wanted.length === 0) return found;

    const missing: BaseReference[] = [];
    for (const reference of wanted) {
      const local =
        options.pull && !reference.name.startsWith(layoutScheme) ? undefined : await findLocal(reference, options);
      if (local) found.set(reference.key, local);
      else missing.push(reference);
    }
    if (missing.length === 0) continue;
    options.onPull(found, missing);
    const pulled = await Promise.all(
      missing.map(async (reference) => [reference.key, await pullBase(reference, options)] as const),
    );
    for (const [key, image] of pulled) found.set(key, image);
  }
}

async function findLocal(
  reference: BaseReference,
  { images, content, memo, signal }: FindBasesOptions,
): Promise<FoundImage | undefined> {
  const { name, platform, range } = reference;
  if (name.startsWith(layoutScheme)) {
    const imported = importLayout(name, platform, { images, content, signal });
    return asFound(
      await imported.catch((error) => Promise.reject(at(asEngineError(error, signal), range))),
      reference,
      false,
      0,
    );
  }
  const record = await findStored(reference, images, memo);
  return record && asFound(record, reference, false, 0);
}

async function pullBase(reference: BaseReference, options: FindBasesOptions): Promise<FoundImage> {
  const { images, memo, registry, pulls, credentials, signal, now } = options;
  const { name, platform, range } = reference;
  const startedAt = now();
  try {
    const parsed = parseReference(name);
    const own = credentials[parsed.registry];
    const key = JSON.stringify([name, platform, own?.username]);
    const record = await pulls.join(
      key,
      signal,
      (progress) => options.onProgress(reference, progress),
      async (emit, jobSignal) => {
        const { manifest, rootDigest } = await registry.pull(parsed, {
          platform,
          signal: jobSignal,
          onProgress: emit,
          ...(own ? { credentials: own } : {}),
        });
        // The name stays with the machine's own platform, or each build would take it from the other.
        const isNamed = parsed.tag !== undefined && parsed.digest === undefined;
        const keepsName = !options.isOwn(platform) && (await images.find(name)) !== undefined;
        return images.add(manifest, isNamed && !keepsName ? [parsed] : [], {
          repoDigest: `${parsed.registry}/${parsed.repository}@${rootDigest}`,
        });
      },
    );
    if (!options.isOwn(platform)) memo.set(platformKey(reference), record.id);
    return asFound(record, reference, true, now() - startedAt);
  } catch (error) {
    throw at(asEngineError(error, signal), range);
  }
}

function asFound(record: ImageRecord, reference: BaseReference, pulled: boolean, durationMs: number): FoundImage {
  const { id, config, manifest } = record;
  if (config.os !== "linux") throw at(notLinux(config.os), reference.range);
  const diffIds = config.rootfs.diff_ids;
  if (manifest.layers.length !== diffIds.length) throw at(imageDamaged(reference.name), reference.range);
  const layers = manifest.layers.flatMap((descriptor, index) => {
    const diffId = diffIds[index];
    return diffId === undefined ? [] : [{ descriptor, diffId }];
  });
  return { id, config, layers, pulled, durationMs };
}
