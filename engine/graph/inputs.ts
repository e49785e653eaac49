import type { Op } from "./graph.ts";

/** The vertices an operation works on: the file system it writes to first, then the one it copies from. */
export function inputsOf(op: Op): readonly number[] {
  switch (op.kind) {
    case "image":
    case "scratch":
      return [];
    case "mkdir":
    case "run":
      return [op.parent];
    case "copy":
      return op.from.kind === "vertex" ? [op.parent, op.from.vertex] : [op.parent];
  }
}
