import * as vscode from "vscode";
import { msg } from "../../../engine/base/message.ts";
import { showLine } from "../../layers/show-line.ts";
import type { Services } from "../../services.ts";
import type { ImageNode } from "../../views/images.ts";
import type { LayerNode } from "../../views/layers.ts";
import { openLayerExplorer } from "../../webviews/layers/explorer.ts";
import { pickImage } from "../pick.ts";

type LayerTarget = Pick<LayerNode, "imageId" | "reference" | "layer">;

/** Of an image, a layer of it, or a build that made one. */
export async function exploreLayers(
  services: Services,
  target?: ImageNode | LayerTarget | { readonly buildId: string },
): Promise<void> {
  if (target && "buildId" in target) {
    const run = services.builds.get(target.buildId);
    if (run?.imageId === undefined) return services.ui.info(msg("This build has not made an image."));
    return openLayerExplorer(services, { imageId: run.imageId, name: run.tag ?? run.name });
  }
  if (target && "layer" in target) {
    return openLayerExplorer(services, { imageId: target.imageId, name: target.reference, layer: target.layer });
  }
  const node = await pickImage(services, target, msg("Which image's layers?"));
  if (node) await openLayerExplorer(services, { imageId: node.imageId, name: node.label });
}

export async function goToLayerLine(_services: Services, target?: Pick<LayerNode, "from">): Promise<void> {
  if (target?.from) await showLine(target.from, { preserveFocus: true });
}

export async function copyLayerDigest({ ui }: Services, target?: Pick<LayerNode, "digest">): Promise<void> {
  if (target?.digest === undefined) return ui.info(msg("This engine does not tell the digest of the layer."));
  await vscode.env.clipboard.writeText(target.digest);
}
