import { createGunzip } from "node:zlib";
import type { BuildRequest } from "../../../engine/base/build-events.ts";
import { openRealBuilder, type RealBuilderOptions } from "../../support/real-builder.ts";
import { type Answer, normalConfig, normalHistory } from "./answer.ts";
import { conformanceBases } from "./base-images.ts";
import { namedContexts, type Workshop } from "./builds.ts";
import type { Case } from "./case.ts";
import { applyTar, linesOf, type Tree } from "./tree.ts";

/** `why`: the error, when it was not built. */
export type OurAnswer = Answer & { readonly why?: string };

export interface OurEngine {
  answer(one: Case): Promise<OurAnswer>;
  dispose(): void;
}

export async function openOurs(workshop: Workshop, options?: RealBuilderOptions): Promise<OurEngine> {
  const real = await openRealBuilder(options);
  for (const [name, image] of await conformanceBases()) await real.addImage(name, image);
  return {
    async answer(one) {
      const context = await workshop.contextOf(one);
      const { id, failure } = await real.build(context, requestOf(one, context));
      if (failure) return { built: false, why: failure.error.message };
      const image = await real.images.find(id ?? "");
      if (!image) throw new Error(`the image of ${one.name} is missing`);
      const tree: Tree = new Map();
      for (const { digest, mediaType } of image.manifest.layers) {
        const blob = real.content.open(digest);
        await applyTar(tree, mediaType.endsWith("gzip") ? blob.pipe(createGunzip()) : blob);
      }
      return {
        built: true,
        tree: linesOf(tree, workshop.base),
        config: normalConfig(image.config),
        history: normalHistory(image.config),
      };
    },
    dispose: () => real.dispose(),
  };
}

function requestOf(one: Case, context: string): Partial<BuildRequest> {
  const { options = {}, dockerfile } = one;
  const { target, buildArgs, labels, addHosts, platform, file, secrets } = options;
  return {
    ...(file === undefined ? { dockerfileText: dockerfile } : { dockerfile: file }),
    ...(target !== undefined && { target }),
    ...(buildArgs && { buildArgs }),
    ...(labels && { labels }),
    ...(addHosts && { addHosts }),
    ...(platform !== undefined && { platform }),
    ...(options.contexts && { buildContexts: Object.fromEntries(namedContexts(one, context)) }),
    ...(secrets && {
      secrets: Object.fromEntries(
        Object.entries(secrets).map(([id, value]) => [
          id,
          { kind: "value" as const, value: Buffer.from(value).toString("base64") },
        ]),
      ),
    }),
  };
}
