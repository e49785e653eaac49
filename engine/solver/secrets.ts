import { chmodSync, chownSync, mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import type { SecretSource } from "../base/build-events.ts";
import { runTool } from "../runtime/tools.ts";
import type { HostFacts } from "../runtime/types.ts";
import { memoryFailed, ownerImpossible, secretTooLarge, secretUnreadable } from "./errors.ts";

/** As the reference: a secret is a key or a token, not a data set. */
const maxSecretBytes = 500 * 1024;

/** The bytes of a secret. @throws EngineError without a word of what is in it. */
export function readSecret(id: string, source: SecretSource): Buffer {
  const value = source.kind === "value" ? Buffer.from(source.value, "base64") : readFile(id, source.path);
  if (value.length > maxSecretBytes) throw secretTooLarge(id, maxSecretBytes);
  return value;
}

function readFile(id: string, file: string): Buffer {
  try {
    // A pipe (`--secret src=/dev/fd/63`) has no size; a huge file is not read to find out that it is too large.
    if (statSync(file).size > maxSecretBytes) throw secretTooLarge(id, maxSecretBytes);
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === undefined || code === "invalid-argument" ? error : secretUnreadable(id, file, code);
  }
}

/** Where secrets lie while a step runs: a file system in memory that only the engine's own mount namespace has. */
export interface MemoryFolder {
  readonly path: string;
  release(): Promise<void>;
}

export async function mountMemory(path: string, { tools }: Pick<HostFacts, "tools">): Promise<MemoryFolder> {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const options = "nosuid,nodev,noexec,mode=0700,size=64m";
  const mounted = await runTool(tools.mount ?? "mount", ["-n", "-t", "tmpfs", "-o", options, "drydock-secrets", path]);
  if (mounted.code !== 0) throw memoryFailed(mounted.stderr);
  return { path, release: () => releaseMemory(path, { tools }) };
}

/** No error when there is nothing. */
export async function releaseMemory(path: string, { tools }: Pick<HostFacts, "tools">): Promise<void> {
  if (!statSync(path, { throwIfNoEntry: false })) return;
  await runTool(tools.umount ?? "umount", ["-n", "-l", path]);
  try {
    // In a container that started meanwhile a copy of this mount may live on; without its mount point it ends there, too.
    rmdirSync(path);
  } catch {
    // The folder of the step is swept as a whole.
  }
}

interface FileAttributes {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export function writeSecretFile(file: string, value: Uint8Array, attributes: FileAttributes): void {
  writeFileSync(file, value, { mode: 0o600, flag: "wx" });
  setAttributes(file, attributes);
}

/** Owner first: chown takes special bits away. @throws EngineError when this account has no such id */
export function setAttributes(file: string, { mode, uid, gid }: FileAttributes): void {
  try {
    chownSync(file, uid, gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EINVAL" && (error as NodeJS.ErrnoException).code !== "EPERM")
      throw error;
    throw ownerImpossible(uid, gid);
  }
  chmodSync(file, mode & 0o7777);
}
