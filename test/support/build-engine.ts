import { spawn } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { chmod, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { extract } from "tar-stream";
import type { BuildEvent, BuildRequest } from "../../engine/base/build-events.ts";
import type { Digest } from "../../engine/base/digest.ts";
import { EngineError } from "../../engine/base/errors.ts";
import { msg } from "../../engine/base/message.ts";
import { openStatCache } from "../../engine/context/stat-cache.ts";
import { formatReference, parseReference, type Reference } from "../../engine/oci/reference.ts";
import { type ContainerConfig, type ImageConfig, mediaTypes } from "../../engine/oci/types.ts";
import type { Registry } from "../../engine/registry/types.ts";
import type { RunSpec, Runtime } from "../../engine/runtime/types.ts";
import type { Layer, RootMount, Snapshotter } from "../../engine/snapshot/types.ts";
import { createBuilder } from "../../engine/solver/builder.ts";
import { writeLayer } from "../../engine/solver/layer-writer.ts";
import { imageManifest } from "../../engine/solver/result.ts";
import type { LayerEntry } from "../../engine/solver/target-tree.ts";
import type { Builder } from "../../engine/solver/types.ts";
import { openCacheStore } from "../../engine/store/cache-store.ts";
import { openContentStore } from "../../engine/store/content-store.ts";
import { openImageStore } from "../../engine/store/image-store.ts";
import type { CacheStore, ContentStore, ImageStore } from "../../engine/store/types.ts";
import { type Files, makeFolder } from "./files.ts";

/** A real builder over real stores; layers are unpacked into plain folders and RUN is sh in that folder (relative paths!). */
export interface TestEngine {
  readonly home: string;
  readonly content: ContentStore;
  readonly images: ImageStore;
  readonly cache: CacheStore;
  readonly builder: Builder;
  /** Scripts that were run, in order. */
  readonly runs: string[];
  /** References that were pulled. */
  readonly pulls: string[];
  /** Open mounts; a finished build has none. */
  readonly mounts: Set<string>;
  build(files: Files | string, request?: Partial<BuildRequest>, signal?: AbortSignal): Promise<TestBuild>;
  addImage(name: string, files: Files, config?: ContainerConfig): Promise<Digest>;
  /** Lets the registry have an image that the store has not. */
  publish(name: string, files: Files, config?: ContainerConfig): void;
  dispose(): void;
}

export interface TestBuild {
  readonly events: readonly BuildEvent[];
  readonly id: Digest | undefined;
  readonly context: string;
  /** `RUN x: cached`, … in the order of the steps. */
  readonly steps: readonly string[];
  readonly failure: Extract<BuildEvent, { type: "failed" }> | undefined;
  readonly log: readonly string[];
}

export interface TestEngineOptions {
  readonly withoutRuntime?: boolean;
  readonly now?: () => number;
  /** Called with each event of every build. */
  readonly onEvent?: (event: BuildEvent) => void;
}

export async function makeEngine(options: TestEngineOptions = {}): Promise<TestEngine> {
  const place = makeFolder();
  const home = path.join(place.path, "home");
  const content = await openContentStore(home);
  const cache = await openCacheStore(home, content);
  const images = await openImageStore({ home, content, cache });
  const runs: string[] = [];
  const pulls: string[] = [];
  const mounts = new Set<string>();
  const remote = new Map<string, { files: Files; config: ContainerConfig }>();
  const snapshots = folderSnapshots(content, path.join(place.path, "mounts"), mounts);

  const store = async (files: Files, config: ContainerConfig) => {
    const layers = [await writeLayer(content, entriesOf(files), { signal: new AbortController().signal })];
    const image: ImageConfig = {
      architecture: "amd64",
      os: "linux",
      created: "2024-01-01T00:00:00Z",
      config,
      history: [{ created: "2024-01-01T00:00:00Z", created_by: "base" }],
      rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
    };
    const text = JSON.stringify(image);
    const id = await content.put(text);
    const manifest = JSON.stringify(imageManifest({ digest: id, size: Buffer.byteLength(text) }, layers));
    const digest = await content.put(manifest);
    return { id, descriptor: { mediaType: mediaTypes.manifest, digest, size: Buffer.byteLength(manifest) } };
  };

  const registry: Registry = {
    async pull(reference: Reference, { onProgress } = {}) {
      const name = formatReference(reference);
      pulls.push(name);
      const found = remote.get(name);
      if (!found) throw new EngineError({ code: "image-not-found", message: msg("no image {name}", { name }) });
      onProgress?.({ item: "layer", status: "downloading", currentBytes: 1, totalBytes: 2 });
      const { descriptor } = await store(found.files, found.config);
      return { manifest: descriptor, rootDigest: descriptor.digest };
    },
  };
  const runtime: Runtime = {
    name: "sh",
    run: (spec) => runInFolder(spec, runs),
    exec: () => Promise.reject(new Error("builds do not exec")),
  };
  const builder = createBuilder({
    home,
    content,
    cache,
    images,
    snapshots,
    registry,
    runtime: options.withoutRuntime ? undefined : runtime,
    facts: { isolation: "none", outbound: "none", notes: [], tools: {} },
    // An hour ahead: files that tests have just written count as old.
    statCache: openStatCache(path.join(home, "stat-cache.json"), { now: () => Date.now() + 3_600_000 }),
    platform: { os: "linux", architecture: "amd64" },
    ...(options.now ? { now: options.now } : {}),
  });
  const contexts: { dispose(): void }[] = [place];

  return {
    home,
    content,
    images,
    cache,
    builder,
    runs,
    pulls,
    mounts,
    async build(files, request = {}, signal = new AbortController().signal) {
      let contextPath = files;
      if (typeof contextPath !== "string") {
        const made = makeFolder(files as Files);
        contexts.push(made);
        contextPath = made.path;
      }
      const events: BuildEvent[] = [];
      const emit = (event: BuildEvent) => {
        events.push(event);
        options.onEvent?.(event);
      };
      const id = await builder.build({ contextPath, ...request }, { emit, signal });
      return { events, id, context: contextPath, ...summary(events) };
    },
    async addImage(name, files, config = {}) {
      const { id, descriptor } = await store(files, config);
      await images.add(descriptor, [parseReference(name)]);
      return id;
    },
    publish(name, files, config = {}) {
      remote.set(formatReference(parseReference(name)), { files, config });
    },
    dispose() {
      for (const made of contexts) made.dispose();
    },
  };
}

/** `path mode uid:gid` of each entry of a layer, with ` -> target` for links and ` "text"` for files. */
export async function layerListing(content: ContentStore, layer: Digest): Promise<string[]> {
  const lines: string[] = [];
  const tar = extract();
  content.open(layer).pipe(tar as unknown as NodeJS.WritableStream);
  for await (const entry of tar) {
    const { name, mode, uid, gid, linkname, type } = entry.header;
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry as AsyncIterable<unknown>) chunks.push(chunk as Uint8Array);
    const text = type === "file" ? ` "${Buffer.concat(chunks).toString()}"` : "";
    const link = type === "symlink" ? ` -> ${linkname}` : type === "link" ? ` = ${linkname}` : "";
    lines.push(`${name} ${mode.toString(8)} ${uid}:${gid}${link}${text}`);
  }
  return lines;
}

export async function layersOf(engine: TestEngine, image: Digest | undefined): Promise<readonly Digest[]> {
  const record = await engine.images.find(image ?? "");
  return record?.manifest.layers.map(({ digest }) => digest) ?? [];
}

function summary(events: readonly BuildEvent[]): Pick<TestBuild, "steps" | "failure" | "log"> {
  const started = events.findLast((event) => event.type === "started");
  const steps = (started?.steps ?? []).map(({ id, text }) => {
    const done = events.findLast((event) => event.type === "step-done" && event.step === id);
    return `${text}: ${done?.type !== "step-done" ? "not done" : done.cached ? "cached" : "done"}`;
  });
  const failure = events.find((event) => event.type === "failed");
  return { steps, failure, log: events.flatMap((event) => (event.type === "log" ? [event.text] : [])) };
}

function entriesOf(files: Files): LayerEntry[] {
  const folders = new Set<string>();
  const look = { mode: 0o755, uid: 0, gid: 0, mtimeMs: Date.UTC(2024, 0, 1) };
  const entries = Object.entries(files).map(([name, text]): LayerEntry => {
    for (let at = name.indexOf("/"); at >= 0; at = name.indexOf("/", at + 1)) folders.add(`/${name.slice(0, at)}`);
    const path = `/${name}`;
    if (text === null) return { path, type: "directory", ...look };
    if (text.startsWith("-> ")) return { path, type: "symlink", ...look, mode: 0o777, linkTarget: text.slice(3) };
    return { path, type: "file", ...look, mode: 0o644, content: { kind: "text", text } };
  });
  const parents = [...folders].map((path): LayerEntry => ({ path, type: "directory", ...look }));
  return [...parents, ...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function folderSnapshots(content: ContentStore, folder: string, open: Set<string>): Snapshotter {
  let count = 0;
  const make = async (layers: readonly Layer[]): Promise<RootMount> => {
    count += 1;
    const root = path.join(folder, String(count));
    mkdirSync(root, { recursive: true });
    for (const layer of layers) await unpackInto(content, layer, root);
    open.add(root);
    const before = new Map(listing(root));
    const release = async () => {
      open.delete(root);
      rmSync(root, { recursive: true, force: true });
    };
    return {
      path: root,
      release,
      async commit() {
        const changed = [...listing(root)].filter(([name, stamp]) => before.get(name) !== stamp);
        const layer = await writeLayer(
          content,
          changed.map(([name]) => entryAt(root, name)),
          {
            signal: new AbortController().signal,
          },
        );
        await release();
        return layer;
      },
    };
  };
  return {
    unpack: () => Promise.reject(new Error("not asked for")),
    mount: (_id, layers) => make(layers),
    mountView: (layers) => make(layers),
    writable: () => {
      throw new Error("not asked for");
    },
    remove: async () => undefined,
    collect: async () => undefined,
  };
}

async function unpackInto(content: ContentStore, layer: Layer, root: string): Promise<void> {
  const tar = extract();
  content.open(layer.descriptor.digest).pipe(tar as unknown as NodeJS.WritableStream);
  for await (const entry of tar) {
    const { name, type, mode, linkname } = entry.header;
    const target = path.join(root, name);
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry as AsyncIterable<unknown>) chunks.push(chunk as Uint8Array);
    if (type === "directory") mkdirSync(target, { recursive: true });
    else if (type === "symlink") {
      rmSync(target, { force: true });
      symlinkSync(linkname, target);
    } else {
      rmSync(target, { force: true });
      await writeFile(target, Buffer.concat(chunks));
    }
    if (type === "symlink") continue;
    await chmod(target, mode);
    // Long ago: a step that writes as many bytes right now changes the time, however seldom the file system's clock ticks.
    await utimes(target, 1, 1);
  }
}

function* listing(root: string, folder = ""): Generator<[string, string]> {
  for (const name of readdirSync(path.join(root, folder)).sort()) {
    const inside = path.join(folder, name);
    const stat = lstatSync(path.join(root, inside));
    yield [inside, stat.isDirectory() ? "folder" : `${stat.ino} ${stat.mtimeMs} ${stat.size}`];
    if (stat.isDirectory()) yield* listing(root, inside);
  }
}

function entryAt(root: string, name: string): LayerEntry {
  const file = path.join(root, name);
  const stat = lstatSync(file);
  const look = { path: `/${name}`, mode: stat.mode & 0o7777, uid: 0, gid: 0, mtimeMs: Date.UTC(2024, 0, 1) };
  if (stat.isDirectory()) return { ...look, type: "directory" };
  if (stat.isSymbolicLink()) return { ...look, type: "symlink", linkTarget: readlinkSync(file) };
  return { ...look, type: "file", content: { kind: "text", text: readFileSync(file, "utf8") } };
}

async function runInFolder(spec: RunSpec, runs: string[]): ReturnType<Runtime["run"]> {
  const script = spec.process.args.at(-1) ?? "";
  runs.push(script);
  for (const { target } of spec.mounts) {
    const stub = path.join(spec.rootfs, target);
    mkdirSync(path.dirname(stub), { recursive: true });
    if (!existsSync(stub)) await writeFile(stub, "");
  }
  const env = Object.fromEntries(
    spec.process.env.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
  );
  // A group of its own, so that a kill also reaches what the script started.
  const child = spawn("/bin/sh", ["-c", script], { cwd: spec.rootfs, env, detached: true });
  const exit = new Promise<number>((resolve) => {
    child.once("close", (code, signal) => resolve(code ?? (signal === "SIGKILL" ? 137 : 1)));
  });
  return {
    pid: child.pid ?? 0,
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    exit,
    signal: () => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
    },
    resize: async () => undefined,
  };
}
