import { closeSync, openSync, readSync } from "node:fs";
import { type Located, locate, type PathView } from "./container-paths.ts";
import { variable } from "./environment.ts";
import { commandNotFound, interpreterMissing, noCommand, notExecutable } from "./errors.ts";
import type { ProcessSpec } from "./types.ts";

const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * The container path of the program, found as execvp(3) would inside of the container: before anything is set up, so that
 * the answer is exact. @throws EngineError `command-not-found`, `invalid-argument`
 */
export function lookUpCommand(view: PathView, spec: Pick<ProcessSpec, "args" | "env" | "cwd">): string {
  const [command] = spec.args;
  if (command === undefined) throw noCommand();
  if (command === "") throw commandNotFound(command, true);
  const inPath = !command.includes("/");
  const candidates = inPath
    ? (variable(spec.env, "PATH") ?? defaultPath).split(":").map((folder) => `${absolute(folder || ".", spec.cwd)}/${command}`)
    : [absolute(command, spec.cwd)];
  let refused = false;
  for (const candidate of candidates) {
    const found = locate(view, candidate);
    if (isUnknown(found)) return candidate;
    if (!found.stats) continue;
    if (found.stats.isFile() && (found.stats.mode & 0o111) !== 0) {
      checkInterpreter(view, command, found);
      // The path as it was found, not as its links resolve: busybox and Python's venv look at argv[0] and their own path.
      return candidate;
    }
    refused = true;
  }
  throw refused ? notExecutable(command) : commandNotFound(command, inPath);
}

function isUnknown({ host }: Located): boolean {
  return host === undefined;
}

function absolute(path: string, cwd: string): string {
  return path.startsWith("/") ? path : `${cwd}/${path}`;
}

/** A script's or a program's missing interpreter gives the same ENOENT as a missing file and is hard to tell from it later. */
function checkInterpreter(view: PathView, command: string, found: Located): void {
  const interpreter = found.host === undefined ? undefined : readInterpreter(found.host);
  if (!interpreter?.startsWith("/")) return;
  const located = locate(view, interpreter);
  if (!isUnknown(located) && !located.stats) throw interpreterMissing(command, interpreter);
}

function readInterpreter(file: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(file, "r");
  } catch {
    // Executable but not readable: the kernel will tell.
    return undefined;
  }
  try {
    const head = Buffer.alloc(4096);
    const length = readSync(fd, head, 0, head.length, 0);
    if (head.toString("latin1", 0, 2) === "#!") {
      const line = head.toString("utf8", 2, length).split("\n")[0] ?? "";
      // "\r" stays: it is part of the name that the kernel looks for.
      return line.replace(/^[ \t]+/, "").split(/[ \t]/)[0];
    }
    return elfInterpreter(head.subarray(0, length), fd);
  } finally {
    closeSync(fd);
  }
}

/** elf(5), PT_INTERP. Little endian only: that is every machine that the engine runs on. */
function elfInterpreter(head: Buffer, fd: number): string | undefined {
  if (head.length < 64 || head.readUInt32BE(0) !== 0x7f454c46 || head[5] !== 1) return undefined;
  const is64 = head[4] === 2;
  const tableAt = is64 ? Number(head.readBigUInt64LE(32)) : head.readUInt32LE(28);
  const entrySize = head.readUInt16LE(is64 ? 54 : 42);
  const count = head.readUInt16LE(is64 ? 56 : 44);
  for (let index = 0; index < count; index++) {
    const at = tableAt + index * entrySize;
    if (at + 56 > head.length) return undefined;
    if (head.readUInt32LE(at) !== 3) continue;
    const offset = is64 ? Number(head.readBigUInt64LE(at + 8)) : head.readUInt32LE(at + 4);
    const size = is64 ? Number(head.readBigUInt64LE(at + 32)) : head.readUInt32LE(at + 16);
    if (size > 4096) return undefined;
    const name = Buffer.alloc(size);
    readSync(fd, name, 0, size, offset);
    return name.toString("utf8").replace(/\0.*$/s, "");
  }
  return undefined;
}
