import type { Digest } from "../base/digest.ts";
import type { Look } from "../base/look.ts";
import type { Descriptor } from "../oci/types.ts";

/** A layer of an image: the blob and the digest of its uncompressed tar. */
export interface Layer {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
}

/** Root file systems from layers. Each layer is unpacked once, when first needed, and shared. */
export interface Snapshotter {
  /**
   * Folder with the layer's files (overlay's whiteout form). Concurrent calls for one layer do the work once.
   * @throws EngineError `content-corrupt` (truncated, hostile or wrong tar), `disk-full`, `cancelled`.
   */
  unpack(layer: Layer, signal?: AbortSignal): Promise<string>;
  /**
   * Mounts layers (bottom first) under a new writable layer. `id` is a file name; the upper folder of an earlier mount
   * with this id is taken up again. `volatile`: the writable layer need not survive a power cut (build steps).
   * @throws EngineError `runtime-unavailable` with the cure when this machine cannot mount.
   */
  mount(
    id: string,
    layers: readonly Layer[],
    options: { readonly volatile: boolean; readonly signal?: AbortSignal },
  ): Promise<RootMount>;
  /**
   * The merged tree, read only, for looking things up. Release it. `looks`: the caller reads `RootMount.looks`, so that there is
   * a view also where nothing can be mounted.
   */
  mountView(layers: readonly Layer[], signal?: AbortSignal, options?: { readonly looks: true }): Promise<RootMount>;
  /** The writable layer of mounts with this id, whether or not it is mounted now. */
  writable(id: string): WritableLayer;
  /** Takes the mount away if it is there, and the writable layer with it. */
  remove(id: string): Promise<void>;
  /** Unpacked folders of layers that are not in `keep` go. */
  collect(keep: ReadonlySet<Digest>): Promise<void>;
}

export interface WritableLayer {
  /** In overlayfs's form. What is mounted may be changing it. */
  readonly folder: string;
  /** A layer of what is in it now, without the paths (`/a/b`) of `leaveOut`. It stays as it is, and so does the mount. */
  store(leaveOut: ReadonlySet<string>, signal?: AbortSignal): Promise<Layer>;
}

export interface RootMount {
  /** By path (`/a/b`): type, owner, mode and time of what is not as it says at `path`. Of views without mounts only. */
  readonly looks?: ReadonlyMap<string, Look>;
  /** Absolute path of the merged tree, in the engine's mount namespace. */
  readonly path: string;
  /** Unmounts. The writable layer stays until `Snapshotter.remove` (a view leaves nothing). */
  release(): Promise<void>;
  /**
   * Turns the writable layer into a layer blob (deterministic order; OCI whiteouts) and adopts its folder as that
   * layer's unpacked form. Unmounts. Not for views. `newestMs`: no file of the layer is dated later.
   */
  commit(signal?: AbortSignal, newestMs?: number): Promise<Layer>;
}
