import { createReadStream, existsSync, statSync } from "node:fs";
import { mkdir, open, rm } from "node:fs/promises";
import path from "node:path";
import type { BuildRequest } from "../base/build-events.ts";
import { compressionOf } from "../context/compression.ts";
import { contextMissing, dockerfileMissing, fileError, notContextFile } from "../context/errors.ts";
import { extractContext } from "../context/extract.ts";
import { type FolderContext, loadContext, loadFolder } from "../context/load.ts";
import { isTarHeader } from "../context/tar-index.ts";
import type { StatCache } from "../context/types.ts";
import { readAddress } from "../graph/add.ts";
import { resolveInRoot } from "../snapshot/root-path.ts";
import { badContextAddress, unknownContext } from "./errors.ts";
import type { GitAccess } from "./git.ts";
import type { Remotes } from "./remotes.ts";
import { readSecret } from "./secrets.ts";

interface ContextDeps {
  readonly remotes: Remotes;
  readonly statCache: StatCache;
  /** A fresh name and folder. */
  readonly scratch: () => { readonly folder: string };
  readonly signal: AbortSignal;
}

/** Where the files of one build come from. */
export interface Contexts {
  readonly main: FolderContext;
  /** A named context's files; fetched when they are first asked for. */
  named(name: string): Promise<FolderContext>;
  /** Removes what was unpacked. */
  close(): Promise<void>;
}

/** @throws EngineError what loading a folder throws, and what fetching throws. */
export async function openContexts(request: BuildRequest, deps: ContextDeps): Promise<Contexts> {
  const opener = new Opener(request, deps);
  try {
    const main = await opener.main();
    return { main, named: (name) => opener.named(name), close: () => opener.close() };
  } catch (error) {
    await opener.close();
    throw error;
  }
}

/** Repositories are logged in to as the reference does it: by the secret GIT_AUTH_TOKEN or GIT_AUTH_HEADER. */
export function gitAccess({ secrets = {}, ssh = {} }: BuildRequest): GitAccess {
  const read = (id: string) => {
    const source = Object.hasOwn(secrets, id) ? secrets[id] : undefined;
    return source && readSecret(id, source).toString("utf8").trim();
  };
  const token = read("GIT_AUTH_TOKEN");
  const authorization =
    read("GIT_AUTH_HEADER") ??
    (token === undefined ? undefined : `basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`);
  const agent = ssh.default;
  return {
    ...(authorization === undefined ? {} : { authorization }),
    ...(agent === undefined ? {} : { agent }),
  };
}

/** Files on disk that are a context: a person's folder, or something fetched or unpacked. */
interface Place {
  readonly folder: string;
  readonly isOwn: boolean;
  readonly dockerfileText?: string;
}

class Opener {
  readonly #request: BuildRequest;
  readonly #deps: ContextDeps;
  readonly #named = new Map<string, Promise<FolderContext>>();
  readonly #unpacked: string[] = [];

  constructor(request: BuildRequest, deps: ContextDeps) {
    this.#request = request;
    this.#deps = deps;
  }

  async main(): Promise<FolderContext> {
    const { contextPath, dockerfile, dockerfileText } = this.#request;
    const { statCache, signal } = this.#deps;
    const place = await this.#open(contextPath);
    const text = dockerfileText ?? place.dockerfileText;
    // In what was fetched no name and no link leads out of it.
    const inside = dockerfile ?? nameIn(place.folder);
    const file = place.isOwn ? dockerfile : resolveInRoot(place.folder, inside);
    // Where it was unpacked is nobody's business.
    if (!place.isOwn && text === undefined && !existsSync(file ?? "")) throw dockerfileMissing(inside);
    return loadContext({
      contextPath: place.folder,
      statCache,
      signal,
      ignoreFile: place.isOwn,
      ...(text === undefined ? {} : { dockerfileText: text }),
      ...(file === undefined ? {} : { dockerfile: file }),
    });
  }

  named(name: string): Promise<FolderContext> {
    let context = this.#named.get(name);
    if (!context) {
      context = this.#openNamed(name);
      this.#named.set(name, context);
    }
    return context;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#named.values());
    for (const folder of this.#unpacked.splice(0)) await rm(folder, { recursive: true, force: true });
  }

  async #openNamed(name: string): Promise<FolderContext> {
    const { buildContexts = {} } = this.#request;
    const { statCache, signal } = this.#deps;
    const where = Object.hasOwn(buildContexts, name) ? buildContexts[name] : undefined;
    if (where === undefined) throw unknownContext(name);
    const { folder, isOwn } = await this.#open(where);
    return loadFolder({ contextPath: folder, statCache, signal, ignoreFile: isOwn });
  }

  async #open(where: string): Promise<Place> {
    const address = readAddress(where);
    if (address === "bad") throw badContextAddress(where);
    const options = { signal: this.#deps.signal, ...gitAccess(this.#request) };
    if (address?.kind === "url") return this.#unpack((await this.#deps.remotes.file(address, options)).file, where);
    if (address?.kind === "git") {
      // The reference's switch for contexts; in ADD it is a flag.
      const keepGitDir = isTrue(this.#request.buildArgs?.BUILDKIT_CONTEXT_KEEP_GIT_DIR) || address.keepGitDir;
      const source = { ...address, keepGitDir };
      const commit = await this.#deps.remotes.commit(source, options);
      return { folder: await this.#deps.remotes.folder(source, commit, options), isOwn: false };
    }
    const found = statSync(where, { throwIfNoEntry: false });
    if (!found) throw contextMissing(where);
    return found.isFile() ? this.#unpack(where, where) : { folder: where, isOwn: true };
  }

  /** A tar is unpacked; a text is the Dockerfile of an empty context. */
  async #unpack(file: string, name: string): Promise<Place> {
    const { folder } = this.#deps.scratch();
    this.#unpacked.push(folder);
    await mkdir(path.dirname(folder), { recursive: true, mode: 0o700 });
    const head = await headOf(file);
    if (head.includes(0) && !isTarHeader(head) && compressionOf(head) === undefined) throw notContextFile(name);
    await extractContext(createReadStream(file), folder, { signal: this.#deps.signal });
    return { folder, isOwn: false };
  }
}

function nameIn(folder: string): string {
  const names = ["Dockerfile", "dockerfile", "Containerfile"];
  return names.find((name) => statSync(path.join(folder, name), { throwIfNoEntry: false })) ?? "Dockerfile";
}

async function headOf(file: string): Promise<Buffer> {
  try {
    const handle = await open(file, "r");
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(512), 0, 512, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(error, file);
  }
}

function isTrue(text: string | undefined): boolean {
  return text === "1" || text?.toLowerCase() === "true";
}
