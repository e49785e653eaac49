// What an image's layers come to: one tree, told as lines.
import type { Readable } from "node:stream";
import { extract } from "tar-stream";
import { digestOf } from "../../../engine/base/digest.ts";

interface Node {
  readonly type: string;
  readonly mode: number;
  readonly owner: string;
  readonly target: string;
  readonly content: Buffer;
}

/** By path, with a slash in front. Names of one file share one node. */
export type Tree = Map<string, Node>;

/** Lays a layer's tar (uncompressed) over the tree. */
export async function applyTar(tree: Tree, tar: Readable): Promise<void> {
  const layer = extract();
  tar.on("error", (error) => layer.destroy(error)).pipe(layer as unknown as NodeJS.WritableStream);
  const added = new Set<string>();
  for await (const entry of layer) {
    const { name, type, mode = 0, uid, gid, linkname, devmajor, devminor } = entry.header;
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry as AsyncIterable<unknown>) chunks.push(chunk as Uint8Array);
    const place = `/${name.replace(/^\.?\/+/, "").replace(/\/+$/, "")}`;
    if (place === "/" || place === "/.") continue;
    const slash = place.lastIndexOf("/");
    const [folder, last] = [place.slice(0, slash), place.slice(slash + 1)];
    if (last === ".wh..wh..opq") {
      for (const one of [...tree.keys()]) if (one.startsWith(`${folder}/`) && !added.has(one)) tree.delete(one);
      continue;
    }
    if (last.startsWith(".wh.")) {
      remove(tree, `${folder}/${last.slice(4)}`);
      continue;
    }
    added.add(place);
    if (type !== "directory" || tree.get(place)?.type !== "directory") remove(tree, place);
    const same = type === "link" ? tree.get(`/${(linkname ?? "").replace(/^\.?\/+/, "")}`) : undefined;
    const device = type.endsWith("device") ? `${devmajor}:${devminor}` : "";
    tree.set(
      place,
      same ?? {
        type: type ?? "file",
        mode: mode & 0o7777,
        owner: `${uid}:${gid}`,
        target: linkname ?? device,
        content: Buffer.concat(chunks),
      },
    );
  }
}

function remove(tree: Tree, place: string): void {
  tree.delete(place);
  for (const one of [...tree.keys()]) if (one.startsWith(`${place}/`)) tree.delete(one);
}

/**
 * What the tree has that the base has not: `/dir/ 755 0:0`, `/file 644 0:0 "text"`, `/link -> target 0:0`, `/gone -`. Of an
 * image that is not made on the base, everything.
 */
export function linesOf(tree: Tree, base: Tree): string[] {
  const below: Tree = tree.has("/bin/busybox") ? base : new Map();
  const lines = [...tree].flatMap(([place, node]) => {
    const was = below.get(place);
    const line = lineOf(place, node, tree);
    return was && lineOf(place, was, below) === line ? [] : [line];
  });
  const gone = [...below.keys()].filter((place) => !tree.has(place));
  const topmost = gone.filter((place) => tree.has(place.slice(0, place.lastIndexOf("/"))) || isTop(place));
  return [...lines, ...topmost.map((place) => `${place} -`)].sort();
}

const isTop = (place: string): boolean => place.lastIndexOf("/") === 0;

function lineOf(place: string, { type, mode, owner, target, content }: Node, tree: Tree): string {
  const look = `${mode.toString(8)} ${owner}`;
  if (type === "directory") return `${place}/ ${look}`;
  if (type === "symlink") return `${place} -> ${target} ${owner}`;
  if (type !== "file") return `${place} ${type} ${look} ${target}`;
  const text = content.toString();
  const shown =
    content.length <= 120 && !text.includes("\uFFFD") ? JSON.stringify(text) : digestOf(content).slice(7, 23);
  const node = tree.get(place);
  const first = [...tree].flatMap(([name, other]) => (other === node ? [name] : [])).sort()[0];
  return `${place} ${look} ${shown}${first === place ? "" : ` = ${first}`}`;
}
