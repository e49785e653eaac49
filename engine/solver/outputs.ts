import { access, constants, stat } from "node:fs/promises";
import path from "node:path";
import type { Message } from "../base/message.ts";
import { msg } from "../base/message.ts";
import { familiarReference, formatReference, type Reference } from "../oci/reference.ts";
import type { Descriptor } from "../oci/types.ts";
import type { Credentials, RegistryClient } from "../registry/types.ts";
import type { Layer, Snapshotter } from "../snapshot/types.ts";
import { writeArchive } from "../store/archive-write.ts";
import { packedManifest, StalePacking } from "../store/packed-layers.ts";
import type { ContentStore, ImageStore, LayerForm, PackedLayers } from "../store/types.ts";
import { needsTar, outputFailed, outputIsFolder, outputWithoutName } from "./output-errors.ts";
import { tarOfFolder, writeFileAside, writeFolder, writeLayout } from "./output-files.ts";
import type { Output } from "./output-options.ts";

/** What a build has made, complete in the content store. */
export interface Built {
  readonly manifest: Descriptor;
  /** Bottom first. */
  readonly layers: readonly Layer[];
}

export interface DeliverOptions {
  readonly signal: AbortSignal;
  /** By registry host. */
  readonly credentials: Readonly<Record<string, Credentials>>;
  readonly tell: (message: Message) => void;
}

export interface Exporter {
  /** Fails early, before anything is built, when an output cannot work. @throws EngineError */
  check(outputs: readonly Output[]): Promise<void>;
  /**
   * One after the other. The first that fails is told, and those before it are there. Resolves to the manifest that the last
   * of them has; undefined when no output is an image.
   */
  deliver(outputs: readonly Output[], built: Built, options: DeliverOptions): Promise<Descriptor | undefined>;
}

export interface ExporterDeps {
  readonly content: ContentStore;
  readonly images: ImageStore;
  readonly packed: PackedLayers;
  readonly registry: Pick<RegistryClient, "push">;
  readonly snapshots: Pick<Snapshotter, "mountView">;
  /** GNU tar. */
  readonly tar: string | undefined;
}

export function createExporter(deps: ExporterDeps): Exporter {
  const { content, images, packed, registry, snapshots, tar } = deps;

  async function toImage(output: Extract<Output, { kind: "image" }>, built: Built, options: DeliverOptions) {
    if (output.store) await images.add(built.manifest, output.names);
    let delivered = built.manifest;
    if (!output.push) return delivered;
    const { signal, credentials, tell } = options;
    for (const reference of output.names) {
      const { registry: host, repository } = reference;
      const name = familiarReference(reference);
      tell(msg("Pushing {name}", { name }));
      const own = credentials[host];
      delivered = await registry.push(output.byDigest ? { registry: host, repository } : reference, built.manifest, {
        form: output.form,
        annotations: output.annotations,
        signal,
        ...(own ? { credentials: own } : {}),
      });
      const { digest } = delivered;
      if (output.store) await images.add(built.manifest, [], { repoDigest: `${host}/${repository}@${digest}` });
      tell(msg("Pushed {name}: {digest}", { name, digest }));
    }
    return delivered;
  }

  async function toArchive(output: Extract<Output, { kind: "archive" }>, built: Built, { signal }: DeliverOptions) {
    const { dest, format, names, form, annotations } = output;
    const descriptor = await pack(built, form, annotations, signal);
    const image = { descriptor, names };
    if (output.tar) await writeFileAside(dest, writeArchive(content, [image], { kind: format, signal }), signal);
    else await writeLayout(content, [image], dest, signal);
    return descriptor;
  }

  /** The image with its layers in the form that is wanted, all of it in the store. */
  async function pack(
    { manifest, layers }: Built,
    form: LayerForm,
    annotations: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Descriptor> {
    const ready = async (layer: Descriptor): Promise<Descriptor> => {
      const one = await packed.pack(layer, form, { signal });
      try {
        await packed.provide(layer, one, form, { signal });
        return one;
      } catch (error) {
        if (error instanceof StalePacking) return ready(layer);
        throw error;
      }
    };
    const document = await content.readJson<{ readonly layers: readonly Descriptor[] }>(manifest.digest);
    const became = new Map<string, Promise<Descriptor>>();
    for (const layer of document.layers) became.set(layer.digest, became.get(layer.digest) ?? ready(layer));
    // Each is waited for, also when one fails: nobody works on in the background.
    await Promise.allSettled(became.values());
    const all = await Promise.all(document.layers.map((layer) => became.get(layer.digest) ?? layer));
    if (layers.length !== all.length) throw new Error("a build and its manifest disagree about the layers");
    return packedManifest(content, manifest, all, { annotations, ...(form.types ? { types: form.types } : {}) });
  }

  async function toFiles(output: Extract<Output, { kind: "files" }>, { layers }: Built, { signal }: DeliverOptions) {
    if (tar === undefined) throw needsTar();
    const view = await snapshots.mountView(layers, signal);
    try {
      if (output.format === "local") await writeFolder(tar, view.path, output.dest, signal);
      else await writeFileAside(output.dest, tarOfFolder(tar, view.path, signal), signal);
    } finally {
      await view.release();
    }
  }

  return {
    async check(outputs) {
      for (const output of outputs) {
        if (output.kind === "image" && output.push && output.names.length === 0) throw outputWithoutName();
        if ("dest" in output)
          await checkPlace(output.dest, output.kind === "archive" ? output.tar : output.format === "tar");
      }
    },

    async deliver(outputs, built, options) {
      let delivered: Descriptor | undefined;
      for (const output of outputs) {
        options.signal.throwIfAborted();
        if (output.kind === "image") delivered = await toImage(output, built, options);
        else if (output.kind === "archive") delivered = await toArchive(output, built, options);
        else if (output.kind === "files") await toFiles(output, built, options);
        if ("dest" in output && !output.dest.startsWith("unix:")) {
          options.tell(msg("Written to {dest}", { dest: output.dest }));
        }
      }
      return delivered;
    },
  };
}

/** What stores nothing leaves nothing in the store. */
export function namesIn(outputs: readonly Output[]): readonly Reference[] {
  const names = outputs.flatMap((output) => (output.kind === "image" && output.store ? output.names : []));
  return [...new Map(names.map((name) => [formatReference(name), name])).values()];
}

async function checkPlace(dest: string, isFile: boolean): Promise<void> {
  if (dest.startsWith("unix:")) return;
  const found = await stat(dest).catch(() => undefined);
  if (isFile && found?.isDirectory()) throw outputIsFolder(dest);
  if (!isFile && found && !found.isDirectory()) throw outputFailed(dest, "ENOTDIR", false);
  // The nearest folder that is there must take something new.
  let at = isFile || !found ? path.dirname(dest) : dest;
  let above = await stat(at).catch(() => undefined);
  for (; at !== "/" && !above; above = await stat(at).catch(() => undefined)) at = path.dirname(at);
  if (!above?.isDirectory()) throw outputFailed(dest, "ENOTDIR", false);
  if (isFile && found && !found.isFile()) return;
  await access(at, constants.W_OK).catch((error: NodeJS.ErrnoException) => {
    throw outputFailed(dest, error.code ?? "EACCES", false, error);
  });
}
