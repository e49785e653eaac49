// A builder with real mounts and processes, for tests that run inside of the engine's namespaces.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { BuildEvent, BuildRequest } from "../../engine/base/build-events.ts";
import type { Digest } from "../../engine/base/digest.ts";
import { openStatCache } from "../../engine/context/stat-cache.ts";
import { hostPlatform } from "../../engine/oci/platform.ts";
import { parseReference } from "../../engine/oci/reference.ts";
import { probeHost } from "../../engine/runtime/facts.ts";
import { createLauncher } from "../../engine/runtime/launcher.ts";
import type { HostFacts } from "../../engine/runtime/types.ts";
import { openSnapshotter } from "../../engine/snapshot/snapshotter.ts";
import type { Snapshotter } from "../../engine/snapshot/types.ts";
import { createBuilder } from "../../engine/solver/builder.ts";
import { openCacheStore } from "../../engine/store/cache-store.ts";
import { openContentStore } from "../../engine/store/content-store.ts";
import { openImageStore } from "../../engine/store/image-store.ts";
import type { ContentStore, ImageStore } from "../../engine/store/types.ts";
import { busyboxImage } from "./base-images.ts";
import { layerListing } from "./build-engine.ts";
import { type Files, makeFolder } from "./files.ts";
import type { ImageBlobs } from "./image-blobs.ts";

export interface RealBuild {
  readonly id: Digest | undefined;
  readonly context: string;
  readonly events: readonly BuildEvent[];
  /** Of the steps, FROM included, in the order in which they ended. */
  readonly steps: readonly ("cached" | "done")[];
  readonly log: readonly string[];
  readonly failure: Extract<BuildEvent, { type: "failed" }> | undefined;
}

export interface RealBuilder {
  readonly home: string;
  readonly facts: HostFacts;
  readonly snapshots: Snapshotter;
  readonly content: ContentStore;
  readonly images: ImageStore;
  addImage(name: string, image: ImageBlobs): Promise<void>;
  build(
    files: Files | string,
    request?: Partial<BuildRequest>,
    onEvent?: (event: BuildEvent) => void,
    signal?: AbortSignal,
  ): Promise<RealBuild>;
  /** The same; throws when it fails. */
  good(...args: Parameters<RealBuilder["build"]>): Promise<RealBuild>;
  /** Listings of the layers above the base image's. */
  layers(image: Digest | undefined): Promise<string[][]>;
  /** Throws when a mount is left. */
  dispose(): void;
}

export interface RealBuilderOptions {
  /** As on a machine where no namespaces can be made: nothing is mounted, nothing runs. */
  readonly withoutRuntime?: boolean;
}

/** Has the image `busybox`. */
export async function openRealBuilder({ withoutRuntime = false }: RealBuilderOptions = {}): Promise<RealBuilder> {
  const place = makeFolder();
  const home = path.join(place.path, "home");
  const content = await openContentStore(home);
  const cache = await openCacheStore(home, content);
  const images = await openImageStore({ home, content, cache });
  const probed = await probeHost();
  const facts: HostFacts = withoutRuntime ? { ...probed, isolation: "none" } : probed;
  const snapshots = await openSnapshotter({ home, content, facts });
  const builder = createBuilder({
    home,
    content,
    cache,
    images,
    snapshots,
    registry: { pull: () => Promise.reject(new Error("nothing is pulled here")) },
    runtime: withoutRuntime ? undefined : createLauncher(facts),
    facts,
    // An hour ahead: files that tests have just written count as old.
    statCache: openStatCache(path.join(home, "stat-cache.json"), { now: () => Date.now() + 3_600_000 }),
    platform: hostPlatform(process.arch),
  });
  const contexts: ReturnType<typeof makeFolder>[] = [];
  const real: RealBuilder = {
    home,
    facts,
    snapshots,
    content,
    images,
    async addImage(name, { manifest, blobs }) {
      for (const blob of blobs.values()) await content.put(blob);
      await images.add(manifest, [parseReference(name)]);
    },
    async build(files, request = {}, onEvent, signal = new AbortController().signal) {
      let contextPath = files;
      if (typeof contextPath !== "string") {
        const made = makeFolder(files as Files);
        contexts.push(made);
        contextPath = made.path;
      }
      const events: BuildEvent[] = [];
      const emit = (event: BuildEvent) => {
        events.push(event);
        onEvent?.(event);
      };
      const id = await builder.build({ contextPath, ...request }, { emit, signal });
      return {
        id,
        context: contextPath,
        events,
        steps: events.flatMap((event) => (event.type === "step-done" ? [event.cached ? "cached" : "done"] : [])),
        log: events.flatMap((event) => (event.type === "log" ? [event.text] : [])),
        failure: events.find((event) => event.type === "failed"),
      };
    },
    async good(...args) {
      const built = await real.build(...args);
      if (built.failure) throw new Error(JSON.stringify(built.failure));
      return built;
    },
    async layers(image) {
      const record = await images.find(image ?? "");
      return Promise.all((record?.manifest.layers ?? []).slice(1).map(({ digest }) => layerListing(content, digest)));
    },
    dispose() {
      for (const made of contexts) made.dispose();
      const isLeft = readFileSync("/proc/self/mountinfo", "utf8").includes(home);
      execFileSync("rm", ["-rf", place.path]);
      if (isLeft) throw new Error("a mount is left");
    },
  };
  await real.addImage("busybox", await busyboxImage());
  return real;
}
