import { closeSync, openSync, readSync } from "node:fs";
import type { HostFacts, Mount } from "./types.ts";

/** Where Docker puts it. */
const target = "/sbin/docker-init";
const candidates = ["docker-init", "tini-static", "catatonit", "tini"] as const;

export interface Init {
  readonly mount: Mount;
  /** Takes `--` and the container's command. */
  readonly command: string;
}

/**
 * A small init of this machine that also runs where there is no C library, to be bound into the container. Undefined: there is
 * none, and the last program of the chain stays as process 1 instead.
 */
export function findInit({ tools }: Pick<HostFacts, "tools">): Init | undefined {
  const source = candidates.map((name) => tools[name]).find((file) => file !== undefined && isStatic(file));
  return source === undefined
    ? undefined
    : { mount: { type: "bind", source, target, readOnly: true }, command: target };
}

/** elf(5): a program without PT_INTERP needs no loader. */
function isStatic(file: string): boolean {
  const head = Buffer.alloc(4096);
  const fd = openSync(file, "r");
  try {
    if (readSync(fd, head, 0, head.length, 0) < 64 || head.readUInt32BE(0) !== 0x7f454c46 || head[4] !== 2)
      return false;
  } finally {
    closeSync(fd);
  }
  const [tableAt, entrySize, count] = [Number(head.readBigUInt64LE(32)), head.readUInt16LE(54), head.readUInt16LE(56)];
  for (let at = tableAt; at < tableAt + count * entrySize; at += entrySize) {
    // PT_INTERP; a table further behind is nothing that a compiler makes.
    if (at + 4 > head.length || head.readUInt32LE(at) === 3) return false;
  }
  return true;
}
