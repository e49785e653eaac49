import { chmodSync, lstatSync, mkdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import type { SecretSource } from "../base/build-events.ts";
import { sourceNotInStage } from "../context/errors.ts";
import type { RunMount } from "../graph/graph.ts";
import { mountSources, type SourcedMount } from "../graph/inputs.ts";
import { runTool } from "../runtime/tools.ts";
import type { HostFacts, Mount } from "../runtime/types.ts";
import { resolveInRoot } from "../snapshot/root-path.ts";
import type { Layer, Snapshotter } from "../snapshot/types.ts";
import { type CacheMountUse, useCacheMount } from "./cache-mounts.ts";
import {
  agentMissing,
  agentUnusable,
  asEngineError,
  at,
  cacheSeedFailed,
  secretMissing,
  secretNotText,
} from "./errors.ts";
import { maskable } from "./lines.ts";
import { openAgentSocket } from "./mounts-ssh.ts";
import { type MemoryFolder, mountMemory, readSecret, setAttributes, writeSecretFile } from "./secrets.ts";

/** Files that a mount takes: a path in the file system of some layers. */
export interface MountSource {
  readonly layers: readonly Layer[];
  readonly path: string;
}

export interface MountOptions {
  readonly home: string;
  readonly facts: HostFacts;
  readonly snapshots: Snapshotter;
  /** Of the step; what is made in it goes with it. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly secrets: Readonly<Record<string, SecretSource>>;
  /** Sockets of agents. */
  readonly ssh: Readonly<Record<string, string>>;
  readonly sourceOf: (mount: SourcedMount) => Promise<MountSource>;
  /** A fresh name and folder, swept after a crash. */
  readonly scratch: () => { readonly id: string; readonly folder: string };
}

export interface PreparedMounts {
  readonly mounts: readonly Mount[];
  /** `NAME=value`, for the command alone. */
  readonly env: readonly string[];
  /** What must not be seen in its output. */
  readonly secrets: readonly string[];
  release(): Promise<void>;
}

/** The name of the folder in memory, below the step's own. */
export const memoryName = "memory";

/**
 * Makes everything that the mounts of a RUN show. Nothing of it is left after `release`, but the caches.
 * @throws EngineError with the place of the mount, when what it wants is not there; then nothing is left either.
 */
export async function prepareMounts(mounts: readonly RunMount[], options: MountOptions): Promise<PreparedMounts> {
  const preparation = new Preparation(options);
  try {
    await preparation.takeCaches(mounts);
    for (const mount of mounts) await placed(mount, () => preparation.add(mount));
    return preparation;
  } catch (error) {
    await preparation.release();
    throw error;
  }
}

class Preparation implements PreparedMounts {
  readonly mounts: Mount[] = [];
  readonly env: string[] = [];
  readonly secrets: string[] = [];
  readonly #options: MountOptions;
  readonly #undo: (() => void | Promise<void>)[] = [];
  readonly #caches = new Map<string, CacheMountUse>();
  #memory: Promise<MemoryFolder> | undefined;
  #filesInMemory = 0;

  constructor(options: MountOptions) {
    this.#options = options;
  }

  async release(): Promise<void> {
    for (let undo = this.#undo.pop(); undo; undo = this.#undo.pop()) await undo();
  }

  /** In one order for all steps: two that lock the same caches must not wait for each other. */
  async takeCaches(mounts: readonly RunMount[]): Promise<void> {
    const wanted = mounts.filter((mount) => mount.kind === "cache");
    for (const mount of wanted.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
      await placed(mount, () => this.#takeCache(mount));
    }
  }

  add(mount: RunMount): Promise<void> | void {
    switch (mount.kind) {
      case "bind":
        return this.#bind(mount);
      case "cache":
        return this.#cache(mount);
      case "tmpfs": {
        const { target, sizeBytes } = mount;
        this.mounts.push({ type: "tmpfs", target, ...(sizeBytes === undefined ? {} : { sizeBytes }) });
        return;
      }
      case "secret":
        return this.#secret(mount);
      case "ssh":
        return this.#agent(mount);
    }
  }

  async #bind(mount: Extract<RunMount, { kind: "bind" }>): Promise<void> {
    const { sourceOf } = this.#options;
    const source = await sourceOf(mount);
    const root = mount.writable ? await this.#writable(source.layers) : await this.#view(source.layers);
    this.#show(existing(root, source.path, mount.source), mount.target, !mount.writable);
  }

  async #view(layers: readonly Layer[]): Promise<string> {
    const { snapshots, signal } = this.#options;
    const view = await snapshots.mountView(layers, signal);
    this.#undo.push(() => view.release());
    return view.path;
  }

  /** What is written goes to a layer that nobody keeps. */
  async #writable(layers: readonly Layer[]): Promise<string> {
    const { snapshots, signal, scratch } = this.#options;
    const { id, folder } = scratch();
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#undo.push(async () => {
      await snapshots.remove(id);
      rmSync(folder, { recursive: true, force: true });
    });
    const mounted = await snapshots.mount(id, layers, { volatile: true, signal });
    this.#undo.push(() => mounted.release());
    return mounted.path;
  }

  async #takeCache(mount: Extract<RunMount, { kind: "cache" }>): Promise<void> {
    const { home, signal, sourceOf } = this.#options;
    const source = isSourced(mount) ? await sourceOf(mount) : undefined;
    const layers = (source?.layers ?? []).map(({ diffId }) => diffId);
    const { uid, gid, mode } = mount;
    // As the reference: what a cache begins with is part of what it is.
    const hasOwner = uid !== undefined || gid !== undefined || mode !== undefined;
    const begins = [layers.length > 0 ? [layers, source?.path] : null, hasOwner ? [uid, gid, mode] : null];
    const seed = begins.some((part) => part !== null) ? JSON.stringify(begins) : "";
    const key = JSON.stringify([mount.id, seed]);
    // One step sees one cache, however often it mounts it.
    let use = this.#caches.get(key);
    if (!use) {
      const fill = async (folder: string) => {
        chmodSync(folder, 0o755);
        if (source && layers.length > 0) await this.#seed(folder, source, mount.source);
        if (hasOwner) setAttributes(folder, { uid: uid ?? 0, gid: gid ?? 0, mode: mode ?? 0o755 });
      };
      use = await useCacheMount(home, { name: mount.id, seed, sharing: mount.sharing, fill, signal });
      this.#undo.push(use.release);
      this.#caches.set(key, use);
    }
    this.#cacheOf.set(mount, use);
  }

  readonly #cacheOf = new Map<RunMount, CacheMountUse>();

  async #seed(folder: string, source: MountSource, written: string): Promise<void> {
    const { snapshots, signal, facts } = this.#options;
    const view = await snapshots.mountView(source.layers, signal);
    try {
      const from = existing(view.path, source.path, written);
      if (!lstatSync(from).isDirectory()) throw cacheSeedFailed(written, "not a folder");
      const copied = await runTool(facts.tools.cp ?? "cp", ["-a", "--", `${from}/.`, folder], { signal });
      if (copied.code !== 0) throw cacheSeedFailed(written, copied.stderr);
    } finally {
      await view.release();
    }
  }

  #cache(mount: Extract<RunMount, { kind: "cache" }>): void {
    const use = this.#cacheOf.get(mount);
    if (use) this.#show(use.path, mount.target, !mount.writable);
  }

  async #secret(mount: Extract<RunMount, { kind: "secret" }>): Promise<void> {
    const source = Object.hasOwn(this.#options.secrets, mount.id) ? this.#options.secrets[mount.id] : undefined;
    if (source === undefined) {
      if (mount.required) throw secretMissing(mount.id);
      return;
    }
    const value = readSecret(mount.id, source);
    this.secrets.push(...maskable(value));
    if (mount.env !== undefined) {
      const text = value.toString("utf8");
      if (text.includes("\0") || !Buffer.from(text).equals(value)) throw secretNotText(mount.id);
      this.env.push(`${mount.env}=${text}`);
    }
    if (mount.target === undefined) return;
    const file = await this.#fileInMemory();
    writeSecretFile(file, value, mount);
    this.#show(file, mount.target, true);
  }

  async #agent(mount: Extract<RunMount, { kind: "ssh" }>): Promise<void> {
    // The first one is the agent that programs look for, even where there is none to be found.
    if (!this.env.some((pair) => pair.startsWith("SSH_AUTH_SOCK="))) this.env.push(`SSH_AUTH_SOCK=${mount.target}`);
    const agent = Object.hasOwn(this.#options.ssh, mount.id) ? this.#options.ssh[mount.id] : undefined;
    if (agent === undefined) {
      if (mount.required) throw agentMissing(mount.id);
      return;
    }
    if (statSync(agent, { throwIfNoEntry: false })?.isSocket() !== true) throw agentUnusable(mount.id, agent);
    const socket = await openAgentSocket(await this.#fileInMemory(), agent, mount);
    this.#undo.push(() => socket.close());
    this.#show(socket.path, mount.target, false);
  }

  async #fileInMemory(): Promise<string> {
    const { folder, facts } = this.#options;
    if (!this.#memory) {
      this.#memory = mountMemory(path.join(folder, memoryName), facts);
      const memory = await this.#memory;
      this.#undo.push(() => memory.release());
    }
    return path.join((await this.#memory).path, String(this.#filesInMemory++));
  }

  #show(source: string, target: string, readOnly: boolean): void {
    this.mounts.push({ type: "bind", source, target, readOnly });
  }
}

function existing(root: string, inside: string, written: string): string {
  const place = resolveInRoot(root, inside);
  if (lstatSync(place, { throwIfNoEntry: false }) === undefined) throw sourceNotInStage(written);
  return place;
}

function isSourced(mount: RunMount): mount is SourcedMount {
  return mountSources({ mounts: [mount] }).length > 0;
}

/** Errors are about the words of the mount, not about the whole RUN. */
export async function placed<T>(mount: RunMount, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw at(asEngineError(error), mount.range);
  }
}
