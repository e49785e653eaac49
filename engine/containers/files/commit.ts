import { type ContainerConfig, type Descriptor, type ImageConfig, mediaTypes } from "../../oci/types.ts";
import type { Layer } from "../../snapshot/types.ts";
import { imageManifest } from "../../solver/result.ts";
import type { ContentStore, ImageRecord } from "../../store/types.ts";
import type { Container } from "../types.ts";
import { committedConfig } from "./committed-config.ts";

export interface CommitWish {
  readonly comment?: string;
  readonly author?: string;
  /** Over what the container runs with. */
  readonly config: ContainerConfig;
  /** Dockerfile instructions. */
  readonly changes: readonly string[];
}

export interface CommittedParts {
  readonly container: Container;
  readonly image: ImageRecord;
  /** Absent: nothing was written. */
  readonly layer: Layer | undefined;
  readonly createdAt: number;
}

/** Config and manifest of an image of a container's layers, in the store. @throws EngineError `invalid-argument`, `dockerfile-syntax` */
export async function writeCommit(
  content: Pick<ContentStore, "put">,
  { container, image, layer, createdAt }: CommittedParts,
  wish: CommitWish,
): Promise<Descriptor> {
  const created = new Date(createdAt).toISOString();
  const { history = [], rootfs, author: earlier, ...platform } = image.config;
  const author = wish.author || earlier;
  const document: ImageConfig = {
    ...platform,
    ...(author ? { author } : {}),
    created,
    config: committedConfig(container, image.config, wish.config, wish.changes),
    history: [
      ...history,
      {
        created,
        created_by: [container.path, ...container.args].join(" "),
        ...(wish.author ? { author: wish.author } : {}),
        ...(wish.comment ? { comment: wish.comment } : {}),
        ...(layer ? {} : { empty_layer: true }),
      },
    ],
    rootfs: { type: "layers", diff_ids: [...rootfs.diff_ids, ...(layer ? [layer.diffId] : [])] },
  };
  const text = JSON.stringify(document);
  const config = { digest: await content.put(text), size: Buffer.byteLength(text) };
  const before = image.manifest.layers.flatMap((descriptor, index) => {
    const diffId = rootfs.diff_ids[index];
    return diffId === undefined ? [] : [{ descriptor, diffId }];
  });
  const manifest = JSON.stringify(imageManifest(config, layer ? [...before, layer] : before));
  return { mediaType: mediaTypes.manifest, digest: await content.put(manifest), size: Buffer.byteLength(manifest) };
}
