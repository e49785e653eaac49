import type { Mount } from "../../runtime/types.ts";
import type { Container } from "../types.ts";

/** A named folder that outlives containers: `<home>/volumes/<name>/`. */
export interface Volume {
  readonly name: string;
  readonly driver: "local";
  readonly createdAt: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Of the local driver: `type`, `device`, `o`, as for mount(8). */
  readonly options: Readonly<Record<string, string>>;
  /** Absolute path of its files. */
  readonly mountpoint: string;
  /** Made without a name, for one container. */
  readonly anonymous: boolean;
}

export interface VolumeWish {
  /** Absent: 64 hexadecimal digits are made. */
  readonly name?: string;
  readonly driver?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly options?: Readonly<Record<string, string>>;
  readonly anonymous?: boolean;
}

/** @throws EngineError `not-found`, `conflict` (in use), `invalid-argument` (name, driver, options) */
export interface Volumes {
  list(): readonly Volume[];
  get(name: string): Volume;
  /** The one that is there, when name and driver are the same. */
  create(wish: VolumeWish): Promise<Volume>;
  /** `users`: containers that mount it; not empty is a conflict, with or without `force`. */
  remove(name: string, options: { readonly force: boolean; readonly users: readonly Container[] }): Promise<void>;
  /** Bytes of its files. */
  sizeOf(name: string, signal?: AbortSignal): Promise<number>;
  /**
   * Of a container that is about to start, whose root is mounted at `rootfs`: volumes are made, mounted where their options say so, filled
   * with what the image has at that place (owners and modes as well) when they are empty. What the runtime is to mount, in order.
   */
  prepare(container: Container, rootfs: string): Promise<readonly Mount[]>;
  /** After the container's end. */
  release(container: Container): Promise<void>;
  /** What mounts there were that no running container needs any more, after a restart of the engine. */
  recover(running: readonly Container[]): Promise<void>;
}
