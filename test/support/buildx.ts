// Docker's buildx plug-in, real: Debian has a package of it that needs nothing but the C library, so it is fetched once and unpacked.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { cacheDir } from "../../.ci/cache.mjs";

const version = "0.13.1+ds1-3";
const hashes: Readonly<Record<string, string>> = {
  x64: "fcf8c48204d1603c8f209451d7827eb91bf30759578baf7704e9e1a87e5f1d7f",
};

/** A folder for DOCKER_CONFIG in which `docker buildx` is there. */
export async function configWithBuildx(): Promise<{ readonly folder: string; dispose(): void }> {
  const plugin = await fetched();
  const folder = mkdtempSync(path.join(tmpdir(), "drydock-buildx-"));
  mkdirSync(path.join(folder, "cli-plugins"));
  const copy = path.join(folder, "cli-plugins", "docker-buildx");
  copyFileSync(plugin, copy);
  chmodSync(copy, 0o755);
  return { folder, dispose: () => rmSync(folder, { recursive: true, force: true }) };
}

async function fetched(): Promise<string> {
  const kept = path.join(cacheDir(), `buildx-${version}`);
  const plugin = path.join(kept, "usr/libexec/docker/cli-plugins/docker-buildx");
  if (existsSync(plugin)) return plugin;
  const hash = hashes[process.arch];
  if (hash === undefined) throw new Error(`no buildx is known for ${process.arch}`);
  const url = `http://deb.debian.org/debian/pool/main/d/docker-buildx/docker-buildx_${version}_amd64.deb`;
  const bytes = await downloaded(url);
  if (createHash("sha256").update(bytes).digest("hex") !== hash) throw new Error(`${url}: not what it was`);
  // Aside: a run that is broken off leaves no half of it under the name that others look at.
  const aside = mkdtempSync(`${kept}-`);
  const file = path.join(aside, "package.deb");
  writeFileSync(file, bytes);
  execFileSync("dpkg-deb", ["-x", file, path.join(aside, "files")]);
  rmSync(kept, { recursive: true, force: true });
  renameSync(path.join(aside, "files"), kept);
  rmSync(aside, { recursive: true });
  return plugin;
}

/** A connection to a far server may break off. */
async function downloaded(url: string, tries = 3): Promise<Buffer> {
  try {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    return Buffer.from(await answer.arrayBuffer());
  } catch (error) {
    if (tries === 1) throw error;
    return downloaded(url, tries - 1);
  }
}
