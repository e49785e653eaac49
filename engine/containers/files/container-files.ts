import { EngineError } from "../../base/errors.ts";
import type { Descriptor } from "../../oci/types.ts";
import type { HostFacts } from "../../runtime/types.ts";
import { noGnuTar } from "../../snapshot/errors.ts";
import type { Snapshotter } from "../../snapshot/types.ts";
import { resolveUser } from "../../snapshot/users.ts";
import type { ContentStore, ImageStore } from "../../store/types.ts";
import { noSuchImage } from "../errors.ts";
import type { Container } from "../types.ts";
import type { Browsed } from "./browse.ts";
import { compareFolders, type FileChange, type FolderDifference } from "./changes.ts";
import { type CommitWish, writeCommit } from "./commit.ts";
import { missingInContainer, missingPath } from "./errors.ts";
import type { FileTree } from "./file-tree.ts";
import { type PathStat, pathStat } from "./path-stat.ts";
import { type OpenContainer, openPlaces, type PlacesOptions } from "./places.ts";
import { archiveName, readArchive } from "./read-archive.ts";
import { writeArchive } from "./write-archive.ts";

export interface ContainerFilesOptions extends PlacesOptions {
  readonly images: Pick<ImageStore, "find">;
  readonly snapshots: Pick<Snapshotter, "mountView">;
  readonly content: Pick<ContentStore, "put">;
  readonly facts: HostFacts;
  readonly now: () => number;
}

export interface ExtractOptions {
  /** A folder is not replaced by something else, nor something else by a folder. */
  readonly keepKinds: boolean;
  /** Everything is given to the container's user. */
  readonly toUser: boolean;
  readonly signal: AbortSignal;
}

export interface PlaceName {
  readonly kind: "container" | "image" | "volume";
  readonly name: string;
}

type Deliver<T> = (stat: T, content: AsyncIterable<Uint8Array>) => Promise<void>;

/** Files of containers, whether they run or not; of images and volumes to look at. @throws EngineError `not-found` and others */
export interface ContainerFiles {
  stat(container: string, path: string): Promise<PathStat>;
  /** A tar of a path, while `deliver` runs. */
  archive(container: string, path: string, signal: AbortSignal, deliver: Deliver<PathStat>): Promise<void>;
  extract(container: string, path: string, source: AsyncIterable<Uint8Array>, options: ExtractOptions): Promise<void>;
  /** Everything but what is mounted. */
  export(container: string, signal: AbortSignal, deliver: Deliver<undefined>): Promise<void>;
  changes(container: string): Promise<readonly FileChange[]>;
  /** The manifest of a new image. Hold a lease until it has a name. */
  commit(container: string, wish: CommitWish, signal: AbortSignal): Promise<Descriptor>;
  browse<R>(place: PlaceName, body: (browsed: Browsed) => Promise<R>): Promise<R>;
  /** Lets go of what is kept open for the next question. */
  close(): Promise<void>;
}

export function openContainerFiles(options: ContainerFilesOptions): ContainerFiles {
  const { facts, images, snapshots, content, now } = options;
  const places = openPlaces(options);
  const tar = () => {
    if (!facts.tools.tar) throw noGnuTar();
    return facts.tools.tar;
  };
  const difference = async ({ root }: OpenContainer): Promise<FolderDifference> => {
    const view = await snapshots.mountView(root.layers);
    try {
      return await compareFolders({
        upper: root.writable.folder,
        merged: root.rootfs,
        lower: view.path,
        targets: root.container.mounts.map(({ target }) => target),
      });
    } finally {
      await view.release();
    }
  };
  return {
    stat: (name, path) => places.container(name, ({ tree }) => inContainer(name, path, () => statAt(tree, path))),
    archive: (name, path, signal, deliver) =>
      places.container(name, async ({ tree }) => {
        const stat = await inContainer(name, path, () => statAt(tree, path));
        const archived = await tree.at(path, false, (spot) => archiveName(path, spot));
        const wish = { path, name: archived, withoutKernelFiles: true };
        await deliver(stat, readArchive(tar(), tree, wish, signal));
      }),
    extract: (name, path, source, { keepKinds, toUser, signal }) =>
      places.container(name, async ({ tree, root }) => {
        const { container } = root;
        const owner = toUser && container.user !== "" ? resolveUser(root.rootfs, container.user) : undefined;
        const privileged = container.options.privileged === true && facts.isolation === "root";
        await inContainer(name, path, () =>
          writeArchive(tree, path, source, {
            keepKinds,
            ...(owner ? { owner } : {}),
            oneOwner: facts.isolation === "single-id",
            devices: privileged,
            isReadOnly: readOnlyPaths(container),
            tools: facts.tools,
            signal,
          }),
        );
      }),
    export: (name, signal, deliver) =>
      places.container(name, ({ root, bare }) =>
        deliver(undefined, readArchive(tar(), bare(root.rootfs), { path: "/", name: "" }, signal)),
      ),
    changes: (name) => places.container(name, async (open) => (await difference(open)).changes),
    commit: (name, wish, signal) =>
      places.container(name, async (open) => {
        const { container, writable } = open.root;
        const image = await images.find(container.imageId);
        if (!image) throw noSuchImage(container.options.image);
        const { changes, stubs } = await difference(open);
        const layer = changes.length > 0 ? await writable.store(new Set(stubs), signal) : undefined;
        return writeCommit(content, { container, image, layer, createdAt: now() }, wish);
      }),
    browse({ kind, name }, body) {
      if (kind === "image") return places.image(name, (tree) => body({ tree, isReadOnly: () => true }));
      if (kind === "volume") return places.volume(name, (tree) => body({ tree, isReadOnly: () => false }));
      return places.container(name, ({ tree, root }) => body({ tree, isReadOnly: readOnlyPaths(root.container) }));
    },
    close: () => places.close(),
  };
}

function statAt(tree: FileTree, path: string): Promise<PathStat> {
  return tree.at(path, false, (spot) => {
    if (!spot.stats) throw missingPath(path);
    return pathStat(tree, path, spot.stats);
  });
}

/** With `--read-only` only what is mounted can be written. */
function readOnlyPaths({ options, mounts }: Container): (path: string) => boolean {
  if (!options.readOnlyRootfs) return () => false;
  return (path) => !mounts.some(({ target }) => path === target || path.startsWith(`${target}/`));
}

/** Docker's words for what is not there, with the container as it was called. */
async function inContainer<R>(container: string, path: string, body: () => Promise<R>): Promise<R> {
  try {
    return await body();
  } catch (error) {
    throw error instanceof EngineError && error.code === "not-found" ? missingInContainer(path, container) : error;
  }
}
