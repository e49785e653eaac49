import { type Digest, isDigest } from "../base/digest.ts";
import type { Message } from "../base/message.ts";
import { formatReference, type Reference } from "../oci/reference.ts";
import type { Descriptor } from "../oci/types.ts";
import { collectContent } from "./collect.ts";
import { imageIncomplete, imageNotFound, tagWithDigest } from "./errors.ts";
import { type ImageDocuments, readImage } from "./image-documents.ts";
import { type Image, lookUp } from "./image-lookup.ts";
import { planRemoval } from "./image-removal.ts";
import { type Entry, IndexFile, indexKey } from "./index-file.ts";
import { createQueue } from "./serial.ts";
import type { CacheStore, ContentStore, ImageRecord, ImageStore, RemovedImage } from "./types.ts";

export interface ImageStoreOptions {
  /** The content store's home. */
  readonly home: string;
  readonly content: ContentStore;
  readonly cache: Pick<CacheStore, "digests">;
  readonly onEvent?: (event: ImageEvent) => void;
  /** Belongs to another process: nothing is changed, not even what is broken. */
  readonly readOnly?: boolean;
  /** Something is wrong with the state on disk and was worked around. */
  readonly onProblem?: (problem: Message) => void;
}

export interface ImageEvent {
  readonly action: "tag" | "untag" | "delete";
  readonly id: Digest;
  /** Complete; absent for `delete`. */
  readonly name?: string;
}

export async function openImageStore(options: ImageStoreOptions): Promise<ImageStore> {
  const store = new Images(options);
  // A broken file is found and told now, not at the first question.
  await store.list();
  return store;
}

class Images implements ImageStore {
  readonly #options: ImageStoreOptions;
  readonly #index: IndexFile;
  readonly #change = createQueue();
  /** By manifest digest. Content never changes, so neither do these. */
  readonly #documents = new Map<Digest, ImageDocuments>();

  constructor(options: ImageStoreOptions) {
    this.#options = options;
    this.#index = new IndexFile(options.home, options.onProblem ?? (() => undefined), options.readOnly);
  }

  async list(): Promise<readonly ImageRecord[]> {
    return (await this.#images()).map(({ record }) => record);
  }

  async find(nameOrId: string): Promise<ImageRecord | undefined> {
    return lookUp(await this.#images(), nameOrId)?.image.record;
  }

  add(
    manifest: Descriptor,
    names: readonly Reference[],
    pulled?: { readonly repoDigest: string },
  ): Promise<ImageRecord> {
    const wanted = names.map(tagName);
    return this.#change(async () => {
      const documents = await this.#read(manifest);
      if (!documents) throw imageIncomplete(manifest.digest);
      const id = documents.manifest.config.digest;
      const fresh = { descriptor: manifest, taggedAt: Date.now(), ...pulled };
      const added = wanted.length > 0 ? wanted.map((name) => ({ ...fresh, name })) : [fresh];
      await this.#write([...added, ...nameless(await this.#index.read(), wanted)]);
      for (const name of wanted) this.#options.onEvent?.({ action: "tag", id, name });
      const image = (await this.#images()).find(({ record }) => record.id === id);
      if (!image) throw imageIncomplete(manifest.digest);
      return image.record;
    });
  }

  tag(nameOrId: string, reference: Reference): Promise<void> {
    const name = tagName(reference);
    return this.#change(async () => {
      const found = lookUp(await this.#images(), nameOrId);
      if (!found) throw imageNotFound(nameOrId);
      const { id, manifestDescriptor: descriptor } = found.image.record;
      const added: Entry = { descriptor, name, taggedAt: Date.now() };
      await this.#write([added, ...nameless(await this.#index.read(), [name])]);
      this.#options.onEvent?.({ action: "tag", id, name });
    });
  }

  remove(nameOrId: string, { force }: { readonly force: boolean }): Promise<readonly RemovedImage[]> {
    return this.#change(async () => {
      const found = lookUp(await this.#images(), nameOrId);
      if (!found) throw imageNotFound(nameOrId);
      const { id } = found.image.record;
      const plan = planRemoval(found, { nameOrId, force });
      const others = (await this.#index.read()).filter((entry) => !found.image.entries.includes(entry));
      await this.#write([...plan.entries, ...others]);
      for (const name of plan.untagged) this.#options.onEvent?.({ action: "untag", id, name });
      if (plan.deleted) this.#options.onEvent?.({ action: "delete", id });
      return plan.lines;
    });
  }

  collect(keep: ReadonlySet<Digest> = new Set()): Promise<number> {
    return this.#change(async () => {
      const named = (await this.#index.read()).flatMap(({ descriptor }) => [descriptor.digest, ...indexOf(descriptor)]);
      const roots = new Set([...named, ...(await this.#index.digestsOfBroken())]);
      const { content, cache } = this.#options;
      return collectContent(content, { roots, cached: await cache.digests(), keep });
    });
  }

  /** Images of the index that are complete, last tagged first. */
  async #images(): Promise<readonly Image[]> {
    const byId = new Map<Digest, { documents: ImageDocuments; entries: Entry[] }>();
    for (const entry of await this.#index.read()) {
      const documents = await this.#read(entry.descriptor);
      if (!documents) continue;
      const known = byId.get(documents.manifest.config.digest);
      if (known) known.entries.push(entry);
      else byId.set(documents.manifest.config.digest, { documents, entries: [entry] });
    }
    const images = [...byId.values()].map(({ documents, entries }) => imageOf(documents, entries));
    return images.sort((a, b) => b.record.taggedAt - a.record.taggedAt);
  }

  async #read(descriptor: Descriptor): Promise<ImageDocuments | undefined> {
    const known = this.#documents.get(descriptor.digest);
    if (known) return known;
    const documents = await readImage(this.#options.content, descriptor);
    if (documents) this.#documents.set(descriptor.digest, documents);
    return documents;
  }

  async #write(entries: readonly Entry[]): Promise<void> {
    await this.#index.write(await this.#withoutSpare(entries));
    const used = new Set(entries.map(({ descriptor }) => descriptor.digest));
    for (const digest of this.#documents.keys()) if (!used.has(digest)) this.#documents.delete(digest);
  }

  /** An entry without a name is there to keep a dangling image or a digest it was pulled by, not beside others for nothing. */
  async #withoutSpare(entries: readonly Entry[]): Promise<readonly Entry[]> {
    const rank = (entry: Entry) => (entry.name ? 0 : entry.repoDigest ? 1 : 2);
    const kept: { readonly entry: Entry; readonly id: Digest }[] = [];
    for (const entry of entries.toSorted((a, b) => rank(a) - rank(b))) {
      const id = (await this.#read(entry.descriptor))?.manifest.config.digest ?? entry.descriptor.digest;
      const same = kept.filter((other) => other.id === id);
      const tellsMore = entry.repoDigest && !same.some((other) => other.entry.repoDigest === entry.repoDigest);
      if (entry.name || same.length === 0 || tellsMore) kept.push({ entry, id });
    }
    return kept.map(({ entry }) => entry);
  }
}

function imageOf({ manifest, config }: ImageDocuments, entries: readonly Entry[]): Image {
  const [first] = entries;
  if (!first) throw new Error("an image without an entry");
  const sizes = new Map([manifest.config, ...manifest.layers].map(({ digest, size }) => [digest, size]));
  return {
    entries,
    record: {
      id: manifest.config.digest,
      manifestDescriptor: first.descriptor,
      manifest,
      config,
      names: distinct(entries.map(({ name }) => name)),
      repoDigests: distinct(entries.map(({ repoDigest }) => repoDigest)),
      sizeBytes: [...sizes.values()].reduce((sum, size) => sum + size, 0),
      taggedAt: Math.max(...entries.map(({ taggedAt }) => taggedAt)),
    },
  };
}

/** The images for other machines that came with it stay as long as it does: they are pushed and saved together. */
function indexOf({ annotations }: Descriptor): readonly Digest[] {
  const index = annotations?.[indexKey];
  return index !== undefined && isDigest(index) ? [index] : [];
}

/** Takes the names away from whatever has them. */
function nameless(entries: readonly Entry[], names: readonly string[]): readonly Entry[] {
  return entries.map((entry) => {
    if (!entry.name || !names.includes(entry.name)) return entry;
    const { name: _, ...rest } = entry;
    return rest;
  });
}

function tagName(reference: Reference): string {
  if (!reference.tag || reference.digest) throw tagWithDigest(formatReference(reference));
  return formatReference(reference);
}

function distinct(values: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(values.filter((value) => value !== undefined))].sort();
}
