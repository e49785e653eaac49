import { mkdirSync, realpathSync, statSync } from "node:fs";
import { chmod, mkdir, readdir, rm, rmdir } from "node:fs/promises";
import path from "node:path";
import { type Digest, hexOf } from "../base/digest.ts";
import { mediaTypes } from "../oci/types.ts";
import type { ContentStore } from "../store/types.ts";
import { cannotMount, noGnuTar, noMounts, tooManyLayers } from "./errors.ts";
import { type ArchiveTools, archiveFolder, extractLayer } from "./layer-archive.ts";
import { emptyFolders, LayerFolders } from "./layer-folders.ts";
import { isMounted, killInside, type Machine } from "./machine.ts";
import { mountOverlay, unmount } from "./overlay.ts";
import { PlainLayers } from "./plain-view.ts";
import { shareWork } from "./share-work.ts";
import type { Layer, RootMount, Snapshotter, WritableLayer } from "./types.ts";

/** What is needed of the content store. */
type LayerContent = Pick<ContentStore, "open" | "ingest">;

export interface SnapshotterOptions {
  /** Folder of the engine's state; layers/, plain-layers/, mounts/, steps/ and views/ in it are ours. Only one engine at a time. */
  readonly home: string;
  readonly content: LayerContent;
  readonly facts: Machine;
}

const mostLayers = 500;

/** Sweeps what an engine that was killed left behind: half-made layers, views, and build steps with what still runs in them. */
export async function openSnapshotter({ home, content, facts }: SnapshotterOptions): Promise<Snapshotter> {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const folders = await LayerFolders.open(path.join(realpathSync(home), "layers"), facts.tools.sync);
  const places = {
    mounts: path.join(home, "mounts"),
    steps: path.join(home, "steps"),
    views: path.join(home, "views"),
  };
  for (const [name, place] of Object.entries(places)) {
    mkdirSync(place, { recursive: true, mode: 0o700 });
    places[name as keyof typeof places] = realpathSync(place);
  }
  await sweep(facts, places.steps);
  await sweep(facts, places.views);
  return new OverlaySnapshotter(content, facts, folders, places);
}

interface Places {
  readonly mounts: string;
  readonly steps: string;
  readonly views: string;
}

class OverlaySnapshotter implements Snapshotter {
  readonly #content: LayerContent;
  readonly #facts: Machine;
  readonly #folders: LayerFolders;
  readonly #places: Places;
  readonly #unpack: (layer: Layer, signal?: AbortSignal) => Promise<string>;
  readonly #plain: PlainLayers;
  #nextView = 0;

  constructor(content: LayerContent, facts: Machine, folders: LayerFolders, places: Places) {
    this.#content = content;
    this.#facts = facts;
    this.#folders = folders;
    this.#places = places;
    this.#plain = new PlainLayers(path.join(places.views, "..", "plain-layers"), content);
    this.#unpack = shareWork(
      (layer: Layer) => layer.diffId,
      (layer, signal) =>
        this.#folders.add(layer.diffId, (folder) =>
          extractLayer(this.#archiveTools(), this.#content, layer, folder, signal),
        ),
    );
  }

  async unpack(layer: Layer, signal?: AbortSignal): Promise<string> {
    return this.#folders.find(layer.diffId) ?? (await this.#unpack(layer, signal));
  }

  async mount(
    id: string,
    layers: readonly Layer[],
    { volatile, signal }: { readonly volatile: boolean; readonly signal?: AbortSignal },
  ): Promise<RootMount> {
    const folder = path.join(volatile ? this.#places.steps : this.#places.mounts, fileName(id));
    const merged = path.join(folder, "merged");
    const upper = path.join(folder, "upper");
    const work = path.join(folder, "work");
    if (!isMounted(merged)) {
      const lower = await this.#lower(layers, signal);
      // An overlay that was mounted as volatile leaves a mark in its work folder that refuses every later mount.
      await rm(work, { recursive: true, force: true });
      for (const name of [folder, work, merged]) await mkdir(name, { recursive: true, mode: 0o700 });
      await makeUpper(upper);
      const relative = (to: string) => path.relative(this.#folders.shortNames, to);
      await this.#mountOverlay({
        lower,
        writable: { upper: relative(upper), work: relative(work) },
        target: merged,
        volatile,
      });
    }
    const release = async () => {
      await unmount(this.#facts, merged);
      // In a container that started meanwhile a copy of this mount may live on; taking its mount point away ends it there, too.
      await rmdir(merged).catch(() => {});
    };
    return {
      path: merged,
      release,
      commit: async (commitSignal, newestMs) => {
        await release();
        const archive = archiveFolder(this.#archiveTools(), upper, { signal: commitSignal, newestMs });
        const { digest, size } = await this.#content.ingest(archive, commitSignal ? { signal: commitSignal } : {});
        await this.#folders.adopt(digest, upper);
        await rm(folder, { recursive: true, force: true });
        return { descriptor: { mediaType: mediaTypes.layer, digest, size }, diffId: digest };
      },
    };
  }

  async mountView(
    layers: readonly Layer[],
    signal?: AbortSignal,
    options?: { readonly looks: true },
  ): Promise<RootMount> {
    if (options?.looks && this.#facts.isolation === "none") return this.#plainView(layers, signal);
    const lower = await this.#lower(layers, signal);
    const target = path.join(this.#places.views, String(this.#nextView++));
    await mkdir(target, { mode: 0o700 });
    // overlayfs wants two lower folders when it has no writable one.
    const readOnly = lower.length === 1 ? [...lower, this.#folders.shortName(emptyFolders[1])] : lower;
    try {
      await this.#mountOverlay({ lower: readOnly, target, volatile: false });
    } catch (error) {
      await rmdir(target).catch(() => {});
      throw error;
    }
    return {
      path: target,
      release: async () => {
        await unmount(this.#facts, target);
        await rmdir(target).catch(() => {});
      },
      commit: () => Promise.reject(new Error("a view cannot be committed")),
    };
  }

  async #plainView(layers: readonly Layer[], signal: AbortSignal | undefined): Promise<RootMount> {
    const target = path.join(this.#places.views, String(this.#nextView++));
    const release = () => rm(target, { recursive: true, force: true });
    await mkdir(target, { mode: 0o700 });
    try {
      const looks = await this.#plain.lay(layers, target, signal);
      return { path: target, looks, release, commit: () => Promise.reject(new Error("a view cannot be committed")) };
    } catch (error) {
      await release();
      throw error;
    }
  }

  writable(id: string): WritableLayer {
    const folder = path.join(this.#places.mounts, fileName(id), "upper");
    return {
      folder,
      store: async (leaveOut, signal) => {
        const archive = archiveFolder(this.#archiveTools(), folder, { signal, leaveOut });
        const { digest, size } = await this.#content.ingest(archive, signal ? { signal } : {});
        return { descriptor: { mediaType: mediaTypes.layer, digest, size }, diffId: digest };
      },
    };
  }

  async remove(id: string): Promise<void> {
    for (const place of [this.#places.mounts, this.#places.steps]) {
      const folder = path.join(place, fileName(id));
      await unmount(this.#facts, path.join(folder, "merged"));
      await rm(folder, { recursive: true, force: true });
    }
  }

  async collect(keep: ReadonlySet<Digest>): Promise<void> {
    // The folders at once, for nothing is built or pulled at this moment; what begins while the disk is busy finds none of them.
    await Promise.all([this.#folders.collect(keep), this.#plain.collect(keep)]);
  }

  /** Short names, top first. A layer that comes twice counts where it is highest: there it hides its lower self entirely. */
  async #lower(layers: readonly Layer[], signal: AbortSignal | undefined): Promise<readonly string[]> {
    if (this.#facts.isolation === "none") throw noMounts(this.#facts.notes[0]);
    const unique = [...new Map(layers.toReversed().map((layer) => [layer.diffId, layer])).values()];
    if (unique.length > mostLayers) throw tooManyLayers(unique.length);
    // Two at a time: one decompresses while the other one waits for the disk.
    const waiting = unique.toReversed();
    const work = async () => {
      for (let layer = waiting.shift(); layer; layer = waiting.shift()) await this.unpack(layer, signal);
    };
    await Promise.all([work(), work()]);
    const names = unique.map(({ diffId }) => this.#folders.shortName(hexOf(diffId)));
    return names.length > 0 ? names : [this.#folders.shortName(emptyFolders[0])];
  }

  async #mountOverlay(mount: {
    readonly lower: readonly string[];
    readonly writable?: { readonly upper: string; readonly work: string };
    readonly target: string;
    readonly volatile: boolean;
  }): Promise<void> {
    const complaint = await mountOverlay(this.#facts, {
      ...mount,
      cwd: this.#folders.shortNames,
    });
    if (complaint !== undefined) throw cannotMount(path.dirname(this.#places.mounts), complaint);
  }

  #archiveTools(): ArchiveTools {
    const { tools, isolation } = this.#facts;
    if (!tools.tar) throw noGnuTar();
    const isRoot = isolation === "root";
    return {
      tar: tools.tar,
      form: { attributes: isRoot ? "trusted" : "user", devices: isRoot },
      owners: isolation !== "single-id",
    };
  }
}

/** The merged root has the attributes of the upper folder. */
async function makeUpper(upper: string): Promise<void> {
  if (statSync(upper, { throwIfNoEntry: false })) return;
  await mkdir(upper);
  await chmod(upper, 0o755);
}

async function sweep(facts: Machine, place: string): Promise<void> {
  for (const name of await readdir(place)) {
    const folder = path.join(place, name);
    const merged = path.join(folder, "merged");
    for (const target of [merged, folder].filter(isMounted)) {
      killInside(target);
      await unmount(facts, target);
    }
    await rm(folder, { recursive: true, force: true });
  }
}

function fileName(id: string): string {
  if (!/^[\w][\w.-]*$/.test(id)) throw new Error(`not a file name: ${id}`);
  return id;
}
