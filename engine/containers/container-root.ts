import type { ProcessIdentity } from "../runtime/proc.ts";
import type { Layer, RootMount, Snapshotter, WritableLayer } from "../snapshot/types.ts";
import type { Container } from "./types.ts";

/** A container's files, whether it runs or not; release it. */
export interface ContainerRoot {
  readonly container: Container;
  /** Its layers and what it wrote, without what a run mounts over them. */
  readonly rootfs: string;
  readonly writable: WritableLayer;
  /** Of its image, bottom first. */
  readonly layers: readonly Layer[];
  /** Of a running container: its first process. */
  readonly process?: ProcessIdentity;
  /** No error when called again. */
  release(): Promise<void>;
}

/** What a run tells about itself. */
interface LiveRoot {
  readonly rootfs: string;
  readonly process?: ProcessIdentity;
}

/**
 * Lends a container's root to whoever reads or writes its files. A root that a run has mounted belongs to the run; one that was
 * mounted for the files alone goes with the last who uses it, unless a run has taken it over by then. Both ask in turn.
 */
export class RootLender {
  readonly #snapshots: Snapshotter;
  #mount: RootMount | undefined;
  #borrowers = 0;

  constructor(snapshots: Snapshotter) {
    this.#snapshots = snapshots;
  }

  /** `inTurn`: not while a start, an end or a removal goes on. `live`: the run there is at that moment. */
  async lend(
    container: Container,
    layers: readonly Layer[],
    live: () => LiveRoot | undefined,
    inTurn: <T>(body: () => Promise<T>) => Promise<T>,
  ): Promise<ContainerRoot> {
    const writable = this.#snapshots.writable(container.id);
    const running = live();
    if (running) return { container, layers, writable, ...running, release: async () => {} };
    // Also when it is mounted: a run that came and went meanwhile has taken the mount away with it.
    this.#mount = await this.#snapshots.mount(container.id, layers, { volatile: false });
    this.#borrowers += 1;
    let released = false;
    const giveBack = async () => {
      if (released) return;
      released = true;
      this.#borrowers -= 1;
      if (this.#borrowers > 0) return;
      const mount = this.#mount;
      this.#mount = undefined;
      if (!live()) await mount?.release();
    };
    return { container, layers, writable, rootfs: this.#mount.path, release: () => inTurn(giveBack) };
  }
}
