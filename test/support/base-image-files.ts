// What the base images hold: files of this machine, under the paths where an official image has them.
import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import path from "node:path";
import { pack } from "tar-stream";

type Entry =
  | { readonly type: "file"; readonly content: Buffer; readonly mode: number }
  | { readonly type: "folder"; readonly mode: number; readonly owner?: number }
  | { readonly type: "link"; readonly to: string };

/** By path without a leading slash. */
export type Files = Map<string, Entry>;

export function busyboxFiles(): Files {
  const files: Files = new Map();
  folders(files, [
    "bin",
    "dev",
    "etc",
    "home",
    "proc",
    "root",
    "sys",
    "usr",
    "usr/bin",
    "usr/sbin",
    "usr/local",
    "usr/local/bin",
  ]);
  folders(files, ["sbin", "var"]);
  for (const name of ["tmp", "var/tmp"]) files.set(name, { type: "folder", mode: 0o1777 });
  files.set("home/node", { type: "folder", mode: 0o755, owner: 1000 });
  const busybox = ["/bin/busybox", "/usr/bin/busybox"].find((file) => existsSync(file));
  if (!busybox) throw new Error("No busybox on this machine: install Debian's package busybox-static");
  program(files, "bin/busybox", busybox);
  for (const applet of execFileSync(busybox, ["--list"], { encoding: "utf8" }).trim().split("\n")) {
    if (applet !== "busybox") files.set(`bin/${applet}`, { type: "link", to: "busybox" });
  }
  files.set("usr/bin/env", { type: "link", to: "/bin/busybox" });
  text(
    files,
    "etc/passwd",
    "root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n",
  );
  text(files, "etc/group", "root:x:0:\nnode:x:1000:\nnogroup:x:65534:\n");
  text(files, "etc/nsswitch.conf", "hosts: files dns\n");
  text(files, "etc/os-release", 'NAME="Base image of the tests"\nID=drydock-test\n');
  return files;
}

/** On top of busybox: Node and npm in /usr/local, the shared libraries they load, bash, and the machine's certificates. */
export function nodeFiles(): Files {
  const files: Files = new Map();
  const node = node24();
  program(files, "usr/local/bin/node", node);
  if (existsSync("/bin/bash")) program(files, "bin/bash", "/bin/bash");
  text(files, "usr/local/bin/docker-entrypoint.sh", entrypoint, 0o755);
  const npm = path.join(execFileSync("npm", ["root", "--global"], { encoding: "utf8", stdio: "pipe" }).trim(), "npm");
  tree(files, "usr/local/lib/node_modules/npm", npm);
  for (const name of ["npm", "npx"]) {
    files.set(`usr/local/bin/${name}`, { type: "link", to: `../lib/node_modules/npm/bin/${name}-cli.js` });
  }
  const certificates = "/etc/ssl/certs/ca-certificates.crt";
  if (existsSync(certificates)) program(files, certificates.slice(1), certificates, 0o644);
  return files;
}

/** Starts what it is given; words that are no program are arguments of node, as in the official image. */
const entrypoint = `#!/bin/sh
set -e
if [ "\${1#-}" != "$1" ] || ! command -v "$1" >/dev/null 2>&1; then
  set -- node "$@"
fi
exec "$@"
`;

/** Without the leading v. */
export function nodeVersion(): string {
  return execFileSync(node24(), ["--version"], { encoding: "utf8" }).trim().slice(1);
}

let found: string | undefined;

/** A Node 24 binary: the running one, or the one in the development cache (from npm on first use). */
function node24(): string {
  found ??= execFileSync(process.execPath, [".ci/node24.mjs"], { encoding: "utf8", stdio: "pipe" }).trim();
  return found;
}

/** A program and every shared library it loads, at the paths where its loader looks. */
function program(files: Files, name: string, source: string, mode = 0o755): void {
  parents(files, name);
  files.set(name, { type: "file", content: readFileSync(source), mode });
  if (mode !== 0o755) return;
  for (const library of libraries(source)) {
    const target = library.slice(1);
    parents(files, target);
    files.set(target, { type: "file", content: readFileSync(realpathSync(library)), mode: 0o755 });
  }
}

function libraries(file: string): string[] {
  try {
    const output = execFileSync("ldd", [file], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return [...output.matchAll(/(\/\S+) \(0x/g)].map((match) => match[1] ?? "");
  } catch {
    return []; // ldd fails for a static program.
  }
}

function tree(files: Files, target: string, source: string): void {
  parents(files, target);
  files.set(target, { type: "folder", mode: 0o755 });
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    if (["docs", "man"].includes(entry.name)) continue;
    const from = path.join(source, entry.name);
    const to = `${target}/${entry.name}`;
    if (entry.isDirectory()) tree(files, to, from);
    else if (entry.isSymbolicLink()) files.set(to, { type: "link", to: readlinkSync(from) });
    else files.set(to, { type: "file", content: readFileSync(from), mode: lstatSync(from).mode & 0o755 });
  }
}

function text(files: Files, name: string, content: string, mode = 0o644): void {
  parents(files, name);
  files.set(name, { type: "file", content: Buffer.from(content), mode });
}

function folders(files: Files, names: readonly string[]): void {
  for (const name of names) files.set(name, { type: "folder", mode: name === "root" ? 0o700 : 0o755 });
}

function parents(files: Files, name: string): void {
  for (let folder = path.dirname(name); folder !== "."; folder = path.dirname(folder)) {
    if (!files.has(folder)) files.set(folder, { type: "folder", mode: 0o755 });
  }
}

/** The same bytes for the same files: sorted, owned by root, dated 2026-01-01. */
export async function tarOf(files: Files): Promise<Buffer> {
  const archive = pack();
  const mtime = new Date("2026-01-01T00:00:00Z");
  const add = (header: Parameters<typeof archive.entry>[0], content?: Buffer): Promise<void> =>
    new Promise((resolve, reject) => {
      archive.entry({ ...header, mtime }, content ?? Buffer.alloc(0), (error) => (error ? reject(error) : resolve()));
    });
  const chunks: Buffer[] = [];
  const read = (async () => {
    for await (const chunk of archive) chunks.push(chunk as Buffer);
  })();
  for (const [name, entry] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (entry.type === "folder") {
      const { mode, owner = 0 } = entry;
      await add({ name: `${name}/`, type: "directory", mode, uid: owner, gid: owner });
    } else if (entry.type === "link") await add({ name, type: "symlink", linkname: entry.to, mode: 0o777 });
    else await add({ name, mode: entry.mode, size: entry.content.length }, entry.content);
  }
  archive.finalize();
  await read;
  return Buffer.concat(chunks);
}
