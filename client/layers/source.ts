import type { Digest } from "../../engine/base/digest.ts";
import { EngineError } from "../../engine/base/errors.ts";
import type {
  ImageLayers,
  ImageStep,
  LayerChange,
  LayerFolder,
  LayerSearch,
  LayersSummary,
} from "../../engine/base/layers-api.ts";
import { msg } from "../../engine/base/message.ts";
import { instructionOf } from "../../engine/oci/history.ts";
import type { Connection } from "../engines/connection.ts";
import { readAllBytes, send } from "../engines/http.ts";

export interface FolderQuestion {
  readonly layer: number;
  readonly path: string;
  readonly view: "layer" | "image";
  readonly order?: "name" | "size";
  readonly offset?: number;
  readonly limit?: number;
}

export interface SearchQuestion {
  readonly text: string;
  readonly layer?: number;
  readonly changes?: readonly LayerChange[];
}

/** What an engine can tell of the layers of its images. Everything throws EngineError. */
export interface LayerSource {
  /** False: their instructions and sizes only. */
  readonly hasContents: boolean;
  layers(image: string): Promise<ImageLayers>;
  summary(image: string): Promise<LayersSummary>;
  folder(image: string, question: FolderQuestion): Promise<LayerFolder>;
  search(image: string, question: SearchQuestion): Promise<LayerSearch>;
  read(image: string, layer: number, path: string): Promise<Uint8Array>;
}

export function layerSource(connection: Pick<Connection, "docker" | "transport" | "isEmbedded">): LayerSource {
  return connection.isEmbedded ? ownSource(connection) : foreignSource(connection);
}

function ownSource({ transport }: Pick<Connection, "transport">): LayerSource {
  const ask = async (image: string, rest: string, query: Readonly<Record<string, string | number>> = {}) => {
    const text = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]));
    const path = `/drydock/images/${encodeURIComponent(image)}/layers${rest}?${text}`;
    return readAllBytes(await send(transport, "GET", path));
  };
  const json = async <T>(...question: Parameters<typeof ask>) => JSON.parse((await ask(...question)).toString()) as T;
  return {
    hasContents: true,
    layers: (image) => json(image, ""),
    summary: (image) => json(image, "/summary"),
    folder: (image, { layer, ...query }) => json(image, `/${layer}/files`, query),
    search: (image, { text, layer, changes }) =>
      json(image, "/search", {
        q: text,
        limit: 500,
        ...(layer === undefined ? {} : { layer }),
        ...(changes ? { changes: changes.join(",") } : {}),
      }),
    read: (image, layer, path) => ask(image, `/${layer}/file`, { path }),
  };
}

function foreignSource({ docker }: Pick<Connection, "docker">): LayerSource {
  const refuse = () => Promise.reject(contentsElsewhere());
  return {
    hasContents: false,
    async layers(id) {
      const image = docker.getImage(id);
      const [history, { Id, RootFS }] = await Promise.all([image.history() as Promise<Told[]>, image.inspect()]);
      return foreignLayers(Id, history, (RootFS.Layers ?? []) as Digest[]);
    },
    summary: refuse,
    folder: refuse,
    search: refuse,
    read: refuse,
  };
}

/** An entry of Docker's history; `Created` in seconds. */
interface Told {
  readonly CreatedBy: string;
  readonly Created: number;
  readonly Size: number;
}

/** Other engines do not say which entry made a layer: those with bytes, and when that is not all of them, those whose instruction makes one. */
export function foreignLayers(imageId: string, history: readonly Told[], diffIds: readonly Digest[]): ImageLayers {
  const told = history.toReversed().map((one) => ({ ...one, instruction: instructionOf(one.CreatedBy) }));
  const ways: readonly ((one: (typeof told)[number]) => boolean)[] = [
    ({ Size, instruction }) => Size > 0 || /^(RUN|COPY|ADD|WORKDIR)\b/.test(instruction),
    ({ Size }) => Size > 0,
  ];
  const way = ways.find((fits) => told.filter(fits).length === diffIds.length) ?? ways[1];
  let next = 0;
  const steps: ImageStep[] = [];
  const layers: ImageLayers["layers"][number][] = [];
  for (const one of told) {
    const { instruction, Size, Created } = one;
    const createdMs = Created > 0 ? { createdMs: Created * 1000 } : {};
    const index = way?.(one) ? next++ : undefined;
    steps.push({ instruction, ...createdMs, ...(index === undefined ? {} : { layer: index }) });
    if (index === undefined) continue;
    const diffId = diffIds[index];
    layers.push({ index, instruction, sizeBytes: Size, ...createdMs, ...(diffId ? { diffId } : {}) });
  }
  return { imageId, steps, layers };
}

export function contentsElsewhere(): EngineError {
  return new EngineError({
    code: "unsupported",
    message: msg("What is in the layers of an image can be shown by the embedded engine only."),
    hint: msg("Use the embedded engine and build or pull the image there."),
  });
}
