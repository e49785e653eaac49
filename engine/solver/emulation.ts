import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { formatPlatform } from "../oci/platform.ts";
import type { Platform } from "../oci/types.ts";
import { cannotEmulate } from "./errors.ts";

/** elf(5): byte order and machine. */
const formats: Readonly<Record<string, { readonly machine: number; readonly big?: true }>> = {
  amd64: { machine: 62 },
  "386": { machine: 3 },
  arm64: { machine: 183 },
  arm: { machine: 40 },
  ppc64le: { machine: 21 },
  s390x: { machine: 22, big: true },
  riscv64: { machine: 243 },
  loong64: { machine: 258 },
  mips64le: { machine: 8 },
};

/** A 64-bit processor runs its 32-bit sibling's programs as a rule; where it does not, the kernel says so. */
const siblings: Readonly<Record<string, string>> = { amd64: "386", arm64: "arm" };

/**
 * Nothing when this machine can run programs of that platform, by itself or because an emulator is registered with the
 * kernel (binfmt_misc) in a way that also works in a container. @throws EngineError `runtime-unavailable` with the cure
 */
export function checkRunnable(platform: Platform, host: Platform, registered = "/proc/sys/fs/binfmt_misc"): void {
  const { architecture } = platform;
  if (architecture === host.architecture || siblings[host.architecture] === architecture) return;
  const format = Object.hasOwn(formats, architecture) ? formats[architecture] : undefined;
  if (format && entriesIn(registered).some((entry) => runs(entry, format.machine, format.big ?? false))) return;
  throw cannotEmulate(formatPlatform(platform));
}

function entriesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name !== "register" && name !== "status")
      .map((name) => readFileSync(path.join(folder, name), "utf8"));
  } catch {
    return [];
  }
}

/** Documentation/admin-guide/binfmt-misc.rst. Flag F: the interpreter is open already, so that a container needs none. */
function runs(entry: string, machine: number, isBig: boolean): boolean {
  if (!/^enabled/m.test(entry) || !/^flags:.*F/m.test(entry)) return false;
  const offset = Number(/^offset (\d+)/m.exec(entry)?.[1] ?? 0);
  const magic = /^magic ([0-9a-f]+)/m.exec(entry)?.[1] ?? "";
  const bytes = Buffer.from(magic, "hex");
  if (offset !== 0 || bytes.length < 20 || bytes.readUInt32BE(0) !== 0x7f454c46) return false;
  return (isBig ? bytes.readUInt16BE(18) : bytes.readUInt16LE(18)) === machine;
}
