import type { Digest } from "../base/digest.ts";
import type { FolderContext } from "./load.ts";
import type { Selection } from "./select.ts";
import type { SelectedSource } from "./types.ts";

/** The path of a mount as a COPY would select it; there are no wildcards in it. */
export function mountSelection(source: string): Selection {
  return { sources: [source.replace(/[\\*?[]/g, "\\$&")], excludes: [], parents: false };
}

/** Content digest of what a mount takes of the context. The name of a single file is no part of it: it is mounted under another. */
export async function digestMounted(context: FolderContext, source: string, signal?: AbortSignal): Promise<Digest> {
  return context.digest((await context.selectAll(mountSelection(source))).map(nameless), signal);
}

export function nameless(source: SelectedSource): SelectedSource {
  return source.type === "file" ? { ...source, path: "" } : source;
}
