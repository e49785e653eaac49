import { createReadStream, readFileSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Header, pack } from "tar-stream";
import { loadContext } from "../../engine/context/load.ts";
import { withoutMemory } from "../../engine/context/stat-cache.ts";
import type { ContextEntry } from "../../engine/context/types.ts";

export interface PackedContext {
  /** Name of the Dockerfile in the tar. */
  readonly dockerfile: string;
  readonly dockerfileText: string;
  readonly tar: Readable;
}

/** Where the Dockerfile stands in the tar when it is outside of the context, or is hidden by .dockerignore. */
const ownName = ".drydock-dockerfile";

/**
 * A context as a tar for another builder: what .dockerignore leaves, and the Dockerfile. `readsIgnoreFile`: it applies the .dockerignore of
 * the tar itself, so that a Dockerfile which was added can be hidden again (BuildKit does not for an uploaded context, and `COPY . .`
 * takes it along). @throws EngineError as `loadContext`
 */
export async function packContext(
  options: { readonly contextPath: string; readonly dockerfile?: string; readonly dockerfileText?: string },
  readsIgnoreFile: boolean,
  signal: AbortSignal,
): Promise<PackedContext> {
  const context = await loadContext({ ...options, statCache: withoutMemory, signal });
  const sources = await context.selectAll({ sources: ["."], excludes: [], parents: false });
  const entries = sources.flatMap((source) => source.entries);
  const relative = path.relative(context.root, context.dockerfile).split(path.sep).join("/");
  const isThere =
    options.dockerfileText === undefined && entries.some(({ name, type }) => name === relative && type === "file");
  const tar = pack();
  const write = async () => {
    for (const entry of entries) {
      if (!isThere && readsIgnoreFile && entry.name === ".dockerignore") continue;
      await writeEntry(tar, entry, signal);
    }
    if (!isThere) {
      await writeText(tar, ownName, context.dockerfileText);
      if (readsIgnoreFile)
        await writeText(tar, ".dockerignore", `${ignoreText(context.root)}\n${ownName}\n.dockerignore\n`);
    }
    tar.finalize();
  };
  write().catch((error: Error) => tar.destroy(error));
  return {
    dockerfile: isThere ? relative : ownName,
    dockerfileText: context.dockerfileText,
    tar: Readable.from(tar),
  };
}

function ignoreText(root: string): string {
  try {
    return readFileSync(path.join(root, ".dockerignore"), "utf8");
  } catch {
    return "";
  }
}

function writeText(tar: ReturnType<typeof pack>, name: string, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    tar.entry({ name, mode: 0o644 }, text, (error) => (error ? reject(error) : resolve()));
  });
}

async function writeEntry(tar: ReturnType<typeof pack>, entry: ContextEntry, signal: AbortSignal): Promise<void> {
  const { name, type, mode, mtimeMs, sizeBytes, linkTarget } = entry;
  if (name === "" || (type !== "file" && type !== "directory" && type !== "symlink")) return;
  const header: Partial<Header> & { readonly name: string } = {
    name,
    mode,
    mtime: new Date(mtimeMs),
    uid: 0,
    gid: 0,
    type,
  };
  if (type !== "file") {
    await new Promise<void>((resolve, reject) => {
      const done = (error?: Error | null) => (error ? reject(error) : resolve());
      tar.entry({ ...header, size: 0, ...(type === "symlink" ? { linkname: linkTarget ?? "" } : {}) }, "", done);
    });
    return;
  }
  const into = tar.entry({ ...header, size: sizeBytes });
  // Exactly so much: a file that grows meanwhile must not break the archive.
  const from = sizeBytes === 0 ? Readable.from([]) : createReadStream(entry.file, { end: sizeBytes - 1 });
  await pipeline(from, into, { signal });
}
