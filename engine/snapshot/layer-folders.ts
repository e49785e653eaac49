import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Digest, hexOf } from "../base/digest.ts";
import { bootId, complaintOf } from "./machine.ts";

const settleMs = 30_000;

/** Stand in for layers where overlayfs wants one, or a second one: never the same twice. */
export const emptyFolders = ["empty", "nothing"] as const;

/**
 * The unpacked layers: `<dir>/<hex of the diff id>`, complete or not there.
 *
 * Writing each file durably would make unpacking many times slower, so a new folder is first marked with the id of this boot
 * (`unsettled/<hex>`) until the file system has been synced. A marked folder that is found after another boot may have empty files
 * from a power cut: it goes, and is unpacked again from its blob.
 */
export class LayerFolders {
  readonly #dir: string;
  readonly #sync: string | undefined;
  readonly #shortNames = new Map<string, string>();
  /** Being made right now: nobody else's to collect. */
  readonly #busy = new Set<string>();
  #settling: NodeJS.Timeout | undefined;

  private constructor(dir: string, sync: string | undefined) {
    this.#dir = dir;
    this.#sync = sync;
  }

  static async open(dir: string, sync: string | undefined): Promise<LayerFolders> {
    const folders = new LayerFolders(dir, sync);
    for (const name of ["", "aside", "l", "unsettled", ...emptyFolders])
      mkdirSync(path.join(dir, name), { recursive: true, mode: 0o700 });
    // A view of no layers shows this folder's mode as its root's.
    for (const name of emptyFolders) await chmod(path.join(dir, name), 0o755);
    for (const name of ["aside", "l"]) {
      for (const entry of await readdir(path.join(dir, name))) await sweep(path.join(dir, name, entry));
    }
    for (const name of await readdir(path.join(dir, "unsettled"))) {
      if (readFileSync(path.join(dir, "unsettled", name), "utf8") === bootId()) continue;
      await rm(path.join(dir, name), { recursive: true, force: true });
      rmSync(path.join(dir, "unsettled", name), { force: true });
    }
    return folders;
  }

  /** Folder of symbolic links with names of one or two characters. */
  get shortNames(): string {
    return path.join(this.#dir, "l");
  }

  shortName(name: string): string {
    let short = this.#shortNames.get(name);
    if (short === undefined) {
      short = this.#shortNames.size.toString(36);
      symlinkSync(`../${name}`, path.join(this.shortNames, short));
      this.#shortNames.set(name, short);
    }
    return short;
  }

  find(diffId: Digest): string | undefined {
    const folder = path.join(this.#dir, hexOf(diffId));
    return existsSync(folder) ? folder : undefined;
  }

  /** Makes a folder aside, lets it be filled, and shows it. */
  async add(diffId: Digest, fill: (folder: string) => Promise<void>): Promise<string> {
    const aside = await mkdtemp(path.join(this.#dir, "aside/"));
    // The image's root has this mode unless the layer says another one.
    const folder = path.join(aside, "root");
    await mkdir(folder);
    await chmod(folder, 0o755);
    try {
      await fill(folder);
      return await this.adopt(diffId, folder);
    } finally {
      await rm(aside, { recursive: true, force: true });
    }
  }

  /** Takes a finished folder of the same file system. One that is there already wins: it is the same. */
  async adopt(diffId: Digest, folder: string): Promise<string> {
    const name = hexOf(diffId);
    const target = path.join(this.#dir, name);
    this.#busy.add(name);
    try {
      if (existsSync(target)) return target;
      writeFileSync(path.join(this.#dir, "unsettled", name), bootId(), { mode: 0o600 });
      await rename(folder, target);
      this.#settleLater();
      return target;
    } catch (error) {
      // Two that made the same at the same time both saw nothing there.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
      return target;
    } finally {
      this.#busy.delete(name);
    }
  }

  /** What is not kept is out of sight when this returns, and gone when it resolves: whoever looks meanwhile makes it anew. */
  async collect(keep: ReadonlySet<Digest>): Promise<void> {
    const kept = new Set([...keep].map(hexOf));
    const gone: string[] = [];
    for (const name of readdirSync(this.#dir)) {
      if (!/^[0-9a-f]{64}$/.test(name) || kept.has(name) || this.#busy.has(name)) continue;
      // A half-deleted layer must never be mounted.
      const aside = mkdtempSync(path.join(this.#dir, "aside/"));
      renameSync(path.join(this.#dir, name), path.join(aside, "root"));
      rmSync(path.join(this.#dir, "unsettled", name), { force: true });
      gone.push(aside);
    }
    for (const aside of gone) await rm(aside, { recursive: true, force: true });
  }

  #settleLater(): void {
    this.#settling ??= setTimeout(() => void this.#settle(), settleMs).unref();
  }

  async #settle(): Promise<void> {
    this.#settling = undefined;
    if (this.#sync === undefined) return;
    const names = await readdir(path.join(this.#dir, "unsettled")).catch(() => []);
    if ((await complaintOf(this.#sync, ["-f", this.#dir])) !== undefined) return;
    for (const name of names) rmSync(path.join(this.#dir, "unsettled", name), { force: true });
  }
}

/** What an engine that was killed this moment was unpacking is still being filled by its tar, until that sees the end of its input. */
async function sweep(folder: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await rm(folder, { recursive: true, force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOTEMPTY" || tries === 250) throw error;
      await delay(20);
    }
  }
}
