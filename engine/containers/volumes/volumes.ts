import { closeSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { lstat, readdir, rm } from "node:fs/promises";
import path from "node:path";
import type { HostFacts, Mount } from "../../runtime/types.ts";
import { complaintOf, isMounted } from "../../snapshot/machine.ts";
import { unmount } from "../../snapshot/overlay.ts";
import { resolveInRoot } from "../../snapshot/root-path.ts";
import { FileTree, folderFlags, nameFlags } from "../files/file-tree.ts";
import { readJson, writeJson } from "../folder.ts";
import { generateId } from "../names.ts";
import type { Container, EngineEvent } from "../types.ts";
import { copyTree } from "./copy-tree.ts";
import { checkWish, mountArguments, wantsMount } from "./driver-options.ts";
import { copyUpFailed, noSubpath, noSuchVolume, volumeInUse, volumeMountFailed } from "./errors.ts";
import { type VolumeMount, volumesOf } from "./settle-mounts.ts";
import type { Volume, Volumes, VolumeWish } from "./types.ts";

export interface VolumesOptions {
  readonly home: string;
  readonly facts: HostFacts;
  readonly onEvent: (event: EngineEvent) => void;
  /** ms since 1970. */
  readonly now: () => number;
}

/** What is written down: the place follows from the home, which may be moved. */
type VolumeRecord = Omit<Volume, "mountpoint">;

/** The label that Docker gives to volumes without a name of their own; its prune looks for it. */
const anonymousLabel = "com.docker.volume.anonymous";
const goneName = /^\.gone-[0-9a-f]{64}$/;

/** Sweeps what an engine that was killed left half made or half removed. */
export function openVolumes(options: VolumesOptions): Volumes {
  return new VolumeSet(options);
}

class VolumeSet implements Volumes {
  readonly #options: VolumesOptions;
  readonly #dir: string;
  readonly #volumes = new Map<string, Volume>();
  /** Containers that have it mounted, by the volume's name. */
  readonly #users = new Map<string, Set<string>>();
  readonly #turns = new Map<string, Promise<unknown>>();
  #lastTimeNs = 0n;

  constructor(options: VolumesOptions) {
    this.#options = options;
    this.#dir = path.join(options.home, "volumes");
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(this.#dir)) {
      const record = readJson<VolumeRecord>(this.#files(name).record);
      if (record?.name === name) this.#volumes.set(name, { ...record, mountpoint: this.#files(name).data });
      else if (goneName.test(name)) rmSync(path.join(this.#dir, name), { recursive: true, force: true });
    }
  }

  list(): readonly Volume[] {
    return [...this.#volumes.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  get(name: string): Volume {
    const volume = this.#volumes.get(name);
    if (!volume) throw noSuchVolume(name);
    return volume;
  }

  async create(wish: VolumeWish): Promise<Volume> {
    checkWish(wish);
    const name = wish.name ?? generateId();
    return this.#inTurn(name, async () => {
      const known = this.#volumes.get(name);
      if (known) return known;
      const anonymous = wish.anonymous ?? wish.name === undefined;
      const record: VolumeRecord = {
        name,
        driver: "local",
        createdAt: this.#options.now(),
        labels: { ...wish.labels, ...(anonymous ? { [anonymousLabel]: "" } : {}) },
        options: wish.options ?? {},
        anonymous,
      };
      const files = this.#files(name);
      // Of an engine that was killed before it wrote the record.
      await rm(files.dir, { recursive: true, force: true });
      mkdirSync(files.dir, { mode: 0o700 });
      mkdirSync(files.data, { mode: 0o755 });
      writeJson(files.record, record, { durable: true });
      const volume = { ...record, mountpoint: files.data };
      this.#volumes.set(name, volume);
      this.#emit("create", name);
      return volume;
    });
  }

  async remove(name: string, options: Parameters<Volumes["remove"]>[1]): Promise<void> {
    await this.#inTurn(name, async () => {
      const volume = this.#volumes.get(name);
      if (!volume) {
        if (options.force) return;
        throw noSuchVolume(name);
      }
      if (options.users.length > 0) throw volumeInUse(name, options.users);
      await this.#unmountAll(volume);
      // Out of sight first: half of a volume is none.
      const aside = path.join(this.#dir, `.gone-${generateId()}`);
      renameSync(this.#files(name).dir, aside);
      this.#volumes.delete(name);
      this.#users.delete(name);
      await rm(aside, { recursive: true, force: true });
      this.#emit("destroy", name);
    });
  }

  sizeOf(name: string, signal?: AbortSignal): Promise<number> {
    return bytesBelow(this.get(name).mountpoint, signal);
  }

  async prepare(container: Container, rootfs: string): Promise<readonly Mount[]> {
    const mounts: Mount[] = [];
    try {
      for (const [index, mount] of volumesOf(container).entries()) {
        await this.create(wishOf(mount));
        const source = await this.#inTurn(mount.source, () => this.#take(container, mount, rootfs, index));
        mounts.push({ type: "bind", source, target: mount.target, readOnly: mount.readOnly });
      }
    } catch (error) {
      await this.release(container);
      throw error;
    }
    return mounts;
  }

  async release(container: Container): Promise<void> {
    for (const [index, mount] of volumesOf(container).entries()) {
      await this.#inTurn(mount.source, async () => {
        const volume = this.#volumes.get(mount.source);
        if (!volume) return;
        await this.#unmountPart(this.#partOf(volume.name, container.id, index));
        const users = this.#users.get(volume.name);
        if (users?.delete(container.id)) this.#emit("unmount", volume.name, { container: container.id });
        if (!users?.size && wantsMount(volume.options)) await unmount(this.#options.facts, volume.mountpoint);
      });
    }
  }

  async recover(running: readonly Container[]): Promise<void> {
    for (const container of running) {
      for (const { source } of volumesOf(container)) this.#usersOf(source).add(container.id);
    }
    for (const volume of this.#volumes.values()) {
      const users = this.#users.get(volume.name);
      const files = this.#files(volume.name);
      for (const part of entriesOf(files.parts)) {
        const owner = part.split("-")[0] ?? "";
        if (!users?.has(owner)) await this.#unmountPart(path.join(files.parts, part));
      }
      if (!users?.size && wantsMount(volume.options)) await unmount(this.#options.facts, volume.mountpoint);
      // Half of what the image has: the next container begins anew.
      if (entriesOf(files.dir).includes(fillingName)) await this.#empty(volume);
    }
  }

  /** Mounts it where its options say so, fills it when it is new, and tells what the runtime is to bind. */
  async #take(container: Container, mount: VolumeMount, rootfs: string, index: number): Promise<string> {
    const volume = this.get(mount.source);
    const { facts } = this.#options;
    if (wantsMount(volume.options) && !isMounted(volume.mountpoint)) {
      const arguments_ = mountArguments(volume.options, volume.mountpoint);
      const complaint = await complaintOf(facts.tools.mount ?? "mount", arguments_);
      if (complaint !== undefined) {
        throw volumeMountFailed(volume.name, volume.options.type ?? "", complaint.trim().split("\n")[0] ?? "");
      }
    }
    this.#usersOf(volume.name).add(container.id);
    const isPart = mount.subpath !== undefined && mount.subpath !== "";
    if (!mount.noCopy && !isPart) await this.#fill(volume, mount.target, rootfs);
    const source = isPart ? await this.#bindPart(volume, mount.subpath ?? "", container.id, index) : volume.mountpoint;
    this.#emit("mount", volume.name, {
      container: container.id,
      destination: mount.target,
      "read/write": String(!mount.readOnly),
      propagation: "",
    });
    return source;
  }

  /** Nothing runs in `rootfs` yet, so its links stay as they are. */
  async #fill(volume: Volume, target: string, rootfs: string): Promise<void> {
    const { tools, isolation } = this.#options.facts;
    const source = resolveInRoot(rootfs, target);
    const found = await lstat(source).catch(() => undefined);
    if (!tools.tar || !found?.isDirectory() || (await readdir(volume.mountpoint)).length > 0) return;
    const mark = path.join(this.#files(volume.name).dir, fillingName);
    writeFileSync(mark, "");
    const owners = isolation !== "single-id";
    const complaint = await copyTree(tools.tar, { source, target: volume.mountpoint, owners });
    if (complaint !== undefined) {
      await this.#empty(volume);
      throw copyUpFailed(volume.name, target, complaint);
    }
    rmSync(mark, { force: true });
  }

  /**
   * A part gets a mount point of its own: whoever else uses the volume may turn a folder on the way into a link, and then its
   * path would lead elsewhere by the time that it is bound.
   */
  async #bindPart(volume: Volume, subpath: string, id: string, index: number): Promise<string> {
    const tree = FileTree.open(volume.mountpoint);
    try {
      const point = this.#partOf(volume.name, id, index);
      await tree.at(subpath, true, async ({ host, stats }) => {
        const isFolder = stats?.isDirectory() ?? false;
        if (!isFolder && !stats?.isFile()) throw noSubpath(volume.name, subpath);
        mkdirSync(path.dirname(point), { recursive: true, mode: 0o700 });
        if (isFolder) mkdirSync(point, { recursive: true });
        else writeFileSync(point, "");
        const fd = openSync(host, isFolder ? folderFlags : nameFlags);
        try {
          const source = `/proc/${process.pid}/fd/${fd}`;
          const arguments_ = ["-n", "--no-canonicalize", "--bind", source, point];
          const complaint = await complaintOf(this.#options.facts.tools.mount ?? "mount", arguments_);
          if (complaint !== undefined) throw volumeMountFailed(volume.name, subpath, complaint.trim());
        } finally {
          closeSync(fd);
        }
      });
      return point;
    } catch (error) {
      throw (error as { code?: string }).code === "not-found" ? noSubpath(volume.name, subpath) : error;
    } finally {
      tree.close();
    }
  }

  async #unmountPart(point: string): Promise<void> {
    await unmount(this.#options.facts, point);
    if (!isMounted(point)) rmSync(point, { recursive: true, force: true });
  }

  async #unmountAll(volume: Volume): Promise<void> {
    const { parts } = this.#files(volume.name);
    for (const part of entriesOf(parts)) await this.#unmountPart(path.join(parts, part));
    await unmount(this.#options.facts, volume.mountpoint);
  }

  async #empty(volume: Volume): Promise<void> {
    for (const name of entriesOf(volume.mountpoint)) {
      await rm(path.join(volume.mountpoint, name), { recursive: true, force: true });
    }
    rmSync(path.join(this.#files(volume.name).dir, fillingName), { force: true });
  }

  #files(name: string) {
    const dir = path.join(this.#dir, name);
    return {
      dir,
      data: path.join(dir, "_data"),
      record: path.join(dir, "volume.json"),
      parts: path.join(dir, "parts"),
    };
  }

  #partOf(name: string, id: string, index: number): string {
    return path.join(this.#files(name).parts, `${id}-${index}`);
  }

  #usersOf(name: string): Set<string> {
    const users = this.#users.get(name) ?? new Set();
    this.#users.set(name, users);
    return users;
  }

  #inTurn<T>(name: string, body: () => Promise<T>): Promise<T> {
    const result = (this.#turns.get(name) ?? Promise.resolve()).then(body);
    const settled = result
      .catch(() => {})
      .then(() => {
        if (this.#turns.get(name) === settled) this.#turns.delete(name);
      });
    this.#turns.set(name, settled);
    return result;
  }

  #emit(action: string, id: string, attributes: Readonly<Record<string, string>> = {}): void {
    const now = BigInt(this.#options.now()) * 1_000_000n;
    this.#lastTimeNs = now > this.#lastTimeNs ? now : this.#lastTimeNs + 1n;
    const event = { type: "volume", action, id, attributes: { driver: "local", ...attributes } } as const;
    this.#options.onEvent({ ...event, timeNs: this.#lastTimeNs });
  }
}

/** There while a volume is being filled. */
const fillingName = "filling";

function wishOf(mount: VolumeMount): VolumeWish {
  return {
    name: mount.source,
    ...(mount.labels ? { labels: mount.labels } : {}),
    ...(mount.driverOptions ? { options: mount.driverOptions } : {}),
    ...(mount.anonymous ? { anonymous: true } : {}),
  };
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Of plain files, each inode once; folders count nothing. What goes away meanwhile counts nothing either. */
export async function bytesBelow(folder: string, signal?: AbortSignal): Promise<number> {
  const seen = new Set<string>();
  let total = 0;
  const pending = [folder];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    signal?.throwIfAborted();
    const entries = await readdir(at, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const file = path.join(at, entry.name);
      if (entry.isDirectory()) pending.push(file);
      if (!entry.isFile()) continue;
      const stats = await lstat(file).catch(() => undefined);
      if (!stats || (stats.nlink > 1 && seen.has(`${stats.dev}:${stats.ino}`))) continue;
      if (stats.nlink > 1) seen.add(`${stats.dev}:${stats.ino}`);
      total += stats.size;
    }
  }
  return total;
}
