import { closeSync, openSync, realpathSync, statSync } from "node:fs";
import { readMounts } from "../../runtime/mountinfo.ts";
import { isAlive, linkIdentity } from "../../runtime/proc.ts";
import type { RootMount, Snapshotter } from "../../snapshot/types.ts";
import type { ImageRecord, ImageStore } from "../../store/types.ts";
import type { ContainerRoot } from "../container-root.ts";
import { noSuchImage } from "../errors.ts";
import type { Container, Containers } from "../types.ts";
import type { Volumes } from "../volumes/types.ts";
import { FileTree, folderFlags, type TreeMount } from "./file-tree.ts";
import { lingering } from "./lingering.ts";

export interface PlacesOptions {
  readonly containers: Pick<Containers, "get" | "openRoot">;
  readonly images: Pick<ImageStore, "find">;
  readonly snapshots: Pick<Snapshotter, "mountView">;
  readonly volumes: Pick<Volumes, "get">;
}

export interface OpenContainer {
  readonly root: ContainerRoot;
  /** As the container sees it, mounts included. */
  readonly tree: FileTree;
  /** Another folder's files; closed with the rest. */
  bare(folder: string): FileTree;
}

/** Files of containers, images and volumes, wherever they are. */
export interface Places {
  container<R>(nameOrId: string, body: (open: OpenContainer) => Promise<R>): Promise<R>;
  image<R>(nameOrId: string, body: (tree: FileTree) => Promise<R>): Promise<R>;
  volume<R>(name: string, body: (tree: FileTree) => Promise<R>): Promise<R>;
  close(): Promise<void>;
}

/** An editor that shows a folder asks again soon: mounting takes longer than all the rest. */
const lingerMs = 3000;

export function openPlaces({ containers, images, snapshots, volumes }: PlacesOptions): Places {
  const roots = lingering<OpenContainer & { dispose(): Promise<void> }>(lingerMs, (open) => open.dispose());
  const views = lingering<{ readonly tree: FileTree; readonly mount: RootMount }>(lingerMs, async (view) => {
    view.tree.close();
    await view.mount.release();
  });
  return {
    container(nameOrId, body) {
      const { id, pid = 0, startedAt = 0, finishedAt = 0 } = containers.get(nameOrId);
      const open = async () => openContainer(await containers.openRoot(id), volumes);
      return roots.use(`${id} ${pid} ${startedAt} ${finishedAt}`, open, body);
    },
    async image(nameOrId, body) {
      const image = await images.find(nameOrId);
      if (!image) throw noSuchImage(nameOrId);
      const open = async () => {
        const mount = await snapshots.mountView(layersOf(image));
        return { mount, tree: FileTree.open(mount.path) };
      };
      return views.use(image.id, open, ({ tree }) => body(tree));
    },
    async volume(name, body) {
      const tree = FileTree.open(volumes.get(name).mountpoint);
      try {
        return await body(tree);
      } finally {
        tree.close();
      }
    },
    async close() {
      await Promise.all([roots.close(), views.close()]);
    },
  };
}

async function openContainer(
  root: ContainerRoot,
  volumes: Pick<Volumes, "get">,
): Promise<OpenContainer & { dispose(): Promise<void> }> {
  const kept: number[] = [];
  const trees: FileTree[] = [];
  const closeKept = () => {
    for (const fd of kept) closeSync(fd);
    for (const tree of trees) tree.close();
  };
  try {
    const tree = treeInside(root) ?? FileTree.open(root.rootfs, await mountsOf(root.container, volumes, kept));
    return {
      root,
      tree,
      bare(folder) {
        const bare = FileTree.open(folder);
        trees.push(bare);
        return bare;
      },
      async dispose() {
        tree.close();
        closeKept();
        await root.release();
      },
    };
  } catch (error) {
    closeKept();
    await root.release();
    throw error;
  }
}

/**
 * The root that the container's process has, with everything that is mounted for it. Undefined when there is none, or when the
 * process has made another folder its root.
 */
function treeInside({ process, rootfs }: ContainerRoot): FileTree | undefined {
  if (!process || !isAlive(process)) return undefined;
  const { dev, ino } = statSync(rootfs);
  if (linkIdentity(process.pid, "root") !== `${dev}:${ino}`) return undefined;
  let tree: FileTree;
  try {
    const points = readMounts(process.pid).map(({ mountPoint }) => mountPoint);
    tree = FileTree.open(`/proc/${process.pid}/root`, [], points);
  } catch {
    return undefined;
  }
  // Only now is it certain that this was not somebody else with the same number.
  if (isAlive(process)) return tree;
  tree.close();
  return undefined;
}

/** What would be mounted if it ran; memory has nothing in it then. `kept`: what is to be closed in the end. */
async function mountsOf(
  { mounts }: Container,
  volumes: Pick<Volumes, "get">,
  kept: number[],
): Promise<readonly TreeMount[]> {
  const found: TreeMount[] = [];
  for (const mount of mounts) {
    const { target } = mount;
    try {
      if (mount.type === "bind") found.push({ target, source: realpathSync(mount.source), readOnly: mount.readOnly });
      if (mount.type !== "volume") continue;
      const { mountpoint } = volumes.get(mount.source);
      const source = mount.subpath ? await openPart(mountpoint, mount.subpath, kept) : mountpoint;
      found.push({ target, source, readOnly: mount.readOnly });
    } catch {
      // Gone meanwhile: nothing is shown there.
    }
  }
  return found;
}

/** Others may change the volume: the folder is held open rather than found again. */
async function openPart(volume: string, subpath: string, kept: number[]): Promise<string> {
  const tree = FileTree.open(volume);
  try {
    return await tree.at(subpath, true, ({ host }) => {
      const fd = openSync(host, folderFlags);
      kept.push(fd);
      return `/proc/self/fd/${fd}/.`;
    });
  } finally {
    tree.close();
  }
}

function layersOf({ config, manifest }: ImageRecord) {
  return manifest.layers.flatMap((descriptor, index) => {
    const diffId = config.rootfs.diff_ids[index];
    return diffId === undefined ? [] : [{ descriptor, diffId }];
  });
}
