// A tiny npm registry on loopback with the packages of a lockfile: `npm ci` and `npm install` in a RUN step work offline.
// The tarballs are the original ones (their integrity is in the lockfile), kept in the development cache.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { cacheDir } from "../../.ci/cache.mjs";

export interface NpmRegistry {
  /** `http://127.0.0.1:PORT/` */
  readonly url: string;
  /** Paths that were asked for, in order: tests count them to see whether an install step ran. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** An entry of package-lock.json, version 3. */
interface Locked {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
  readonly dependencies?: Record<string, string>;
  readonly bin?: Record<string, string>;
  readonly engines?: Record<string, string>;
}

export async function startNpmRegistry(lockfile = "examples/node-app/package-lock.json"): Promise<NpmRegistry> {
  const packages = locked(lockfile);
  const tarballs = loadTarballs(packages);
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const wanted = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname).slice(1);
    requests.push(wanted);
    const tarball = tarballs.get(wanted);
    if (tarball) return void response.end(tarball);
    const versions = packages.filter(({ name }) => name === wanted);
    response.setHeader("content-type", "application/json");
    if (versions.length > 0) return void response.end(JSON.stringify(packument(wanted, versions, url)));
    // npm's audit is optional: it goes on without an answer.
    response.writeHead(404).end(JSON.stringify({ error: "Not found" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    url,
    requests,
    close: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

function locked(lockfile: string): Locked[] {
  const { packages } = JSON.parse(readFileSync(lockfile, "utf8")) as { packages: Record<string, Omit<Locked, "name">> };
  const list = Object.entries(packages).filter(([folder]) => folder !== "");
  return list.map(([folder, entry]) => ({ ...entry, name: folder.slice(folder.lastIndexOf("node_modules/") + 13) }));
}

const tarballPath = ({ name, version }: Locked): string => `${name}/-/${path.basename(name)}-${version}.tgz`;

function packument(name: string, versions: readonly Locked[], url: string): unknown {
  const entries = versions.map((entry) => {
    const { integrity, ...manifest } = entry;
    return [entry.version, { ...manifest, dist: { integrity, tarball: `${url}${tarballPath(entry)}` } }] as const;
  });
  return { name, "dist-tags": { latest: entries.at(-1)?.[0] }, versions: Object.fromEntries(entries) };
}

/** By request path. Taken from the development cache, from npm's own cache, or (once, with a network) from the registry. */
function loadTarballs(packages: readonly Locked[]): Map<string, Buffer> {
  const folder = path.join(cacheDir(), "npm-tarballs");
  mkdirSync(folder, { recursive: true });
  const kept = (entry: Locked): string => path.join(folder, `${sha512(entry)}.tgz`);
  const missing = packages.filter((entry) => !existsSync(kept(entry)));
  if (missing.length > 0) {
    execFileSync("npm", ["cache", "add", ...missing.map(({ name, version }) => `${name}@${version}`)], {
      stdio: "pipe",
    });
    const npmCache = execFileSync("npm", ["config", "get", "cache"], { encoding: "utf8", stdio: "pipe" }).trim();
    for (const entry of missing) keep(readFileSync(contentPath(npmCache, entry)), kept(entry));
  }
  return new Map(packages.map((entry) => [tarballPath(entry), verified(readFileSync(kept(entry)), entry)]));
}

function keep(content: Buffer, file: string): void {
  writeFileSync(`${file}.${process.pid}`, content);
  renameSync(`${file}.${process.pid}`, file);
}

/** Hex of the integrity's sha512, which also names the file in npm's cache. */
function sha512({ integrity }: Locked): string {
  return Buffer.from(integrity.replace(/^sha512-/, ""), "base64").toString("hex");
}

function contentPath(npmCache: string, entry: Locked): string {
  const hex = sha512(entry);
  return path.join(npmCache, "_cacache/content-v2/sha512", hex.slice(0, 2), hex.slice(2, 4), hex.slice(4));
}

function verified(content: Buffer, entry: Locked): Buffer {
  if (createHash("sha512").update(content).digest("hex") === sha512(entry)) return content;
  throw new Error(
    `The kept tarball of ${entry.name}@${entry.version} is damaged: remove ${path.join(cacheDir(), "npm-tarballs")}`,
  );
}
