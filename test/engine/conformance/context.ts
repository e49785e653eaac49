// Files to build from, with everything that a folder can have: modes, links, archives.
import { execFileSync } from "node:child_process";
import { chmodSync, lchownSync, linkSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { type Entry, tarOf } from "../../support/layer-tar.ts";

/** By path: text of a file, `-> target` for a symlink, null for a folder, or more exactly. In this order they are made. */
export type Context = Readonly<Record<string, string | null | Detailed>>;

export type Detailed =
  | { readonly text: string; readonly mode: number }
  | { readonly folder: number }
  /** Another name of an earlier file. */
  | { readonly same: string }
  | { readonly tar: readonly Entry[]; readonly compress?: "gzip" | "bzip2" | "xz" | "zstd" };

const members: readonly Entry[] = [
  { name: "in/", mode: 0o700, uid: 7, gid: 8 },
  { name: "in/file", content: "inside\n", mode: 0o640, uid: 5, gid: 6 },
  { name: "in/run.sh", content: "#!/bin/sh\n", mode: 0o755 },
  { name: "in/link", type: "symlink", linkname: "file" },
  { name: "implied/deep/file", content: "implied\n", uid: 9, gid: 9 },
];

/** The context of most cases. */
export const usual: Context = {
  f: "f\n",
  g: "g\n",
  "with space": "space\n",
  exec: { text: "#!/bin/sh\necho exec\n", mode: 0o755 },
  private: { text: "private\n", mode: 0o600 },
  suid: { text: "suid\n", mode: 0o4755 },
  d: { folder: 0o750 },
  "d/a": "a\n",
  "d/b.txt": "b\n",
  "d/link": "-> a",
  "d/sub": { folder: 0o700 },
  "d/sub/c": { text: "c\n", mode: 0o600 },
  "d/sub/up": "-> ../a",
  "e/a": "another a\n",
  "e/z": "z\n",
  empty: { folder: 0o711 },
  "hard/one": "hard\n",
  "hard/two": { same: "hard/one" },
  lf: "-> f",
  ld: "-> d",
  abs: "-> /f",
  escaping: "-> ../../../f",
  dangling: "-> nowhere",
  "a1.txt": "a1\n",
  "a2.txt": "a2\n",
  "b1.txt": "b1\n",
  "[x].txt": "brackets\n",
  "deep/one/two/three.txt": "three\n",
  "deep/one/other.md": "other\n",
  "deep/four/two/five.txt": "five\n",
  "t.tar": { tar: members },
  "t.tar.gz": { tar: members, compress: "gzip" },
  "t.tar.bz2": { tar: members, compress: "bzip2" },
  "t.tar.xz": { tar: members, compress: "xz" },
  "t.tar.zst": { tar: members, compress: "zstd" },
  "text.tar": "no archive\n",
  "empty.tar": "",
  "lt.tar": "-> t.tar",
  "tars/t.tar": { tar: members },
  "tars/note": "note\n",
  passwd: "root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\nmail:x:8:12::/:/bin/false\n",
  group: "root:x:0:\nnode:x:1000:\nmail:x:12:\nwheel:x:10:root,node\n",
};

export function contextKey(context: Context): unknown {
  return Object.entries(context);
}

const when = new Date("2024-05-06T07:08:09Z");

export async function writeContext(root: string, context: Context): Promise<void> {
  const modes: [string, number][] = [];
  for (const [name, what] of Object.entries(context)) {
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    if (what === null || (typeof what === "object" && "folder" in what)) {
      mkdirSync(file, { recursive: true });
      modes.push([file, what?.folder ?? 0o755]);
    } else if (typeof what === "string" && what.startsWith("-> ")) symlinkSync(what.slice(3), file);
    else if (typeof what === "object" && "same" in what) linkSync(path.join(root, what.same), file);
    else if (typeof what === "object" && "tar" in what) await writeTar(file, what);
    else {
      writeFileSync(file, typeof what === "string" ? what : what.text);
      utimesSync(file, when, when);
      // Owners of a context never count.
      if (process.getuid?.() === 0) lchownSync(file, 4321, 4321);
      modes.push([file, typeof what === "string" ? 0o644 : what.mode]);
    }
  }
  for (const [file, mode] of modes.reverse()) chmodSync(file, mode);
}

async function writeTar(file: string, { tar, compress }: Extract<Detailed, { tar: unknown }>): Promise<void> {
  const plain = await tarOf(tar);
  if (compress === undefined) writeFileSync(file, plain);
  else if (compress === "gzip") writeFileSync(file, gzipSync(plain));
  else writeFileSync(file, execFileSync(compress, ["-c"], { input: plain, stdio: "pipe" }));
}
