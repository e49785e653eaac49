import { statSync } from "node:fs";
import { readdir, readFile, rename } from "node:fs/promises";
import path from "node:path";
import { type Digest, isDigest } from "../base/digest.ts";
import { type Message, msg } from "../base/message.ts";
import { isDescriptor, isRecord } from "../oci/documents.ts";
import { formatReference, tryParseReference } from "../oci/reference.ts";
import { type Descriptor, mediaTypes } from "../oci/types.ts";
import { writeDurably } from "./durable.ts";
import { createQueue } from "./serial.ts";

/** OCI image spec 1.1, "Pre-Defined Annotation Keys": the name of an entry of a layout's index.json. */
const nameKey = "org.opencontainers.image.ref.name";
const taggedAtKey = "dev.drydock.tagged-at";
const repoDigestKey = "dev.drydock.repo-digest";

/** Digest of the index that an image came in, when all of that is here. Belongs to the descriptor. */
export const indexKey = "dev.drydock.index";

/** When a name that stays where it is was given again may be told a little wrong by the next engine. */
const taggedGrainMs = 5 * 60_000;

/** One entry of index.json: an image has one for each of its names, or one without a name. */
export interface Entry {
  /** Without the annotations of this file. */
  readonly descriptor: Descriptor;
  /** Complete, with tag. */
  readonly name?: string;
  /** Complete name with digest that this image was pulled by. */
  readonly repoDigest?: string;
  /** ms since 1970; 0 when unknown. */
  readonly taggedAt: number;
}

/** `index.json` of the layout: read again whenever somebody else has changed it, written in one atomic step. */
export class IndexFile {
  readonly #home: string;
  readonly #isReadOnly: boolean;
  readonly #onProblem: (problem: Message) => void;
  /** Two readers of a broken file must not both put it aside. */
  readonly #oneAtATime = createQueue();
  #known: { readonly signature: string; readonly entries: readonly Entry[]; readonly foreign: readonly unknown[] } = {
    signature: "",
    entries: [],
    foreign: [],
  };
  /** What stands in the file. */
  #written: readonly Entry[] = [];

  constructor(home: string, onProblem: (problem: Message) => void, isReadOnly = false) {
    this.#home = home;
    this.#isReadOnly = isReadOnly;
    this.#onProblem = onProblem;
  }

  get #file(): string {
    return path.join(this.#home, "index.json");
  }

  read(): Promise<readonly Entry[]> {
    return this.#oneAtATime(() => this.#read());
  }

  /** Digests that stand in index files which were put aside: what they named can still be rescued. */
  async digestsOfBroken(): Promise<readonly Digest[]> {
    const names = (await readdir(this.#home)).filter((name) => name.startsWith("index.json.broken-"));
    const texts = await Promise.all(names.map((name) => readFile(path.join(this.#home, name), "utf8")));
    return texts.flatMap((text) => text.match(/sha256:[0-9a-f]{64}/g) ?? []).filter(isDigest);
  }

  /** Entries that nobody understood stay in the file: they are somebody's work. */
  async write(entries: readonly Entry[]): Promise<void> {
    // A build in which nothing is new gives its name again: that is not worth waiting for the disk.
    if (this.#signature() === this.#known.signature && areSame(this.#written, entries)) {
      this.#known = { ...this.#known, entries };
      return;
    }
    const document = {
      schemaVersion: 2,
      mediaType: mediaTypes.index,
      manifests: [...entries.map(itemOf), ...this.#known.foreign],
    };
    await writeDurably(path.join(this.#home, "ingest"), this.#file, `${JSON.stringify(document, undefined, 1)}\n`);
    this.#known = { ...this.#known, signature: this.#signature(), entries };
    this.#written = entries;
  }

  async #read(): Promise<readonly Entry[]> {
    const signature = this.#signature();
    if (signature === this.#known.signature) return this.#known.entries;
    const items = await this.#items();
    const read = items.map((item) => (isDescriptor(item) ? entryOf(item) : undefined));
    // Of two entries with one name the first has it; the other image is dangling.
    const seen = new Set<string>();
    const entries = read.flatMap((entry) => {
      if (!entry?.name) return entry ? [entry] : [];
      const { name, ...nameless } = entry;
      if (seen.has(name)) return [nameless];
      seen.add(name);
      return [entry];
    });
    this.#known = { signature, entries, foreign: items.filter((_, at) => read[at] === undefined) };
    this.#written = entries;
    return entries;
  }

  #signature(): string {
    const found = statSync(this.#file, { bigint: true, throwIfNoEntry: false });
    return found ? `${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}` : "missing";
  }

  async #items(): Promise<readonly unknown[]> {
    const text = await readFile(this.#file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return '{"manifests":[]}';
      throw error;
    });
    try {
      const document: unknown = JSON.parse(text);
      if (isRecord(document) && Array.isArray(document.manifests)) return document.manifests;
    } catch {
      // Told below, as every other content that is no index.
    }
    if (this.#isReadOnly) return [];
    const kept = `${this.#file}.broken-${Date.now()}`;
    await rename(this.#file, kept);
    this.#onProblem(msg("the list of images could not be read and was kept aside as {file}", { file: kept }));
    return [];
  }
}

function entryOf(item: Descriptor): Entry {
  const { annotations = {}, ...bare } = item;
  const { [nameKey]: written, [taggedAtKey]: time = "", [repoDigestKey]: repoDigest, ...others } = annotations;
  const reference = written === undefined ? undefined : tryParseReference(written);
  return {
    descriptor: Object.keys(others).length > 0 ? { ...bare, annotations: others } : bare,
    ...(reference?.tag && !reference.digest ? { name: formatReference(reference) } : {}),
    ...(repoDigest && tryParseReference(repoDigest)?.digest ? { repoDigest } : {}),
    taggedAt: Date.parse(time) || 0,
  };
}

/** The same but for their order, and for when names were given lately. */
function areSame(before: readonly Entry[], now: readonly Entry[]): boolean {
  if (before.length !== now.length) return false;
  const keyOf = ({ taggedAt: _, ...entry }: Entry) => JSON.stringify(itemOf({ ...entry, taggedAt: 0 }));
  const times = new Map(before.map((entry) => [keyOf(entry), entry.taggedAt]));
  return now.every((entry) => {
    const taggedAt = times.get(keyOf(entry));
    return taggedAt !== undefined && Math.abs(entry.taggedAt - taggedAt) < taggedGrainMs;
  });
}

function itemOf({ descriptor, name, repoDigest, taggedAt }: Entry): Descriptor {
  return {
    ...descriptor,
    annotations: {
      ...descriptor.annotations,
      ...(name ? { [nameKey]: name } : {}),
      ...(repoDigest ? { [repoDigestKey]: repoDigest } : {}),
      [taggedAtKey]: new Date(taggedAt).toISOString(),
    },
  };
}
