import { closeSync, openSync, readdirSync, readSync } from "node:fs";
import { type Located, type PathView, tryLocate } from "./container-paths.ts";
import { variable } from "./environment.ts";
import { commandNotFound, execFailed, interpreterMissing, noCommand, notExecutable } from "./errors.ts";
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
    ? (variable(spec.env, "PATH") ?? defaultPath)
        .split(":")
        .map((folder) => `${absolute(folder || ".", spec.cwd)}/${command}`)
    : [absolute(command, spec.cwd)];
  let refused = false;
  for (const candidate of candidates) {
    const found = tryLocate(view, candidate);
    if (found && isUnknown(found)) return candidate;
    if (!found?.stats) continue;
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
  const program = found.host === undefined ? undefined : readProgram(found.host);
  if (!program) return;
  // execvp(3), which the last tool of the chain uses, would give such a file to /bin/sh.
  if (!program.runnable && !hasForeignFormats()) throw execFailed(command, 126, "exec format error");
  const { interpreter } = program;
  if (!interpreter?.startsWith("/")) return;
  const located = tryLocate(view, interpreter);
  if (!located || (!isUnknown(located) && !located.stats)) throw interpreterMissing(command, interpreter);
}

interface Program {
  /** A script, or a program for this processor. */
  readonly runnable: boolean;
  readonly interpreter?: string | undefined;
}

function readProgram(file: string): Program | undefined {
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
      // A carriage return stays: it is part of the name that the kernel looks for.
      return { runnable: true, interpreter: line.replace(/^[ \t]+/, "").split(/[ \t]/)[0] };
    }
    return elfProgram(head.subarray(0, length), fd);
  } finally {
    closeSync(fd);
  }
}

/** elf(5), e_machine. A 64-bit processor runs its 32-bit sibling's programs as well. */
const machines: Readonly<Record<string, readonly number[]>> = {
  x64: [62, 3],
  arm64: [183, 40],
  ia32: [3],
  arm: [40],
  riscv64: [243],
  ppc64: [21],
  s390x: [22],
};

/** Little endian only: on other machines nothing is refused here. */
function elfProgram(head: Buffer, fd: number): Program {
  if (head.length < 64 || head.readUInt32BE(0) !== 0x7f454c46) return { runnable: false };
  const own = machines[process.arch];
  if (head[5] !== 1 || own === undefined) return { runnable: true };
  if (!own.includes(head.readUInt16LE(18))) return { runnable: false };
  const is64 = head[4] === 2;
  const tableAt = is64 ? Number(head.readBigUInt64LE(32)) : head.readUInt32LE(28);
  const entrySize = head.readUInt16LE(is64 ? 54 : 42);
  const count = head.readUInt16LE(is64 ? 56 : 44);
  for (let index = 0; index < count; index++) {
    const at = tableAt + index * entrySize;
    if (at + 56 > head.length) break;
    // PT_INTERP
    if (head.readUInt32LE(at) !== 3) continue;
    const offset = is64 ? Number(head.readBigUInt64LE(at + 8)) : head.readUInt32LE(at + 4);
    const size = is64 ? Number(head.readBigUInt64LE(at + 32)) : head.readUInt32LE(at + 16);
    if (size > 4096) break;
    const name = Buffer.alloc(size);
    readSync(fd, name, 0, size, offset);
    return { runnable: true, interpreter: name.toString("utf8").replace(/\0.*$/s, "") };
  }
  return { runnable: true };
}

/** binfmt_misc: somebody taught this kernel to run other files (qemu-user, WSL's .exe). */
function hasForeignFormats(): boolean {
  try {
    return readdirSync("/proc/sys/fs/binfmt_misc").some((name) => name !== "register" && name !== "status");
  } catch {
    return false;
  }
}
