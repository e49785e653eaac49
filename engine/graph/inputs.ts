import type { CopyFrom, Op, RunMount, RunOp } from "./graph.ts";

/** The vertices an operation works on: the file system it writes to first, then the one it copies from. */
export function inputsOf(op: Op): readonly number[] {
  switch (op.kind) {
    case "image":
    case "scratch":
      return [];
    case "mkdir":
      return [op.parent];
    case "run":
      return [op.parent, ...mountSources(op).flatMap(({ from }) => (from.kind === "vertex" ? [from.vertex] : []))];
    case "copy":
      return op.from.kind === "vertex" ? [op.parent, op.from.vertex] : [op.parent];
  }
}

/** A mount that begins with files from elsewhere. */
export type SourcedMount = Extract<RunMount, { kind: "bind" | "cache" }> & { readonly from: CopyFrom };

/** The mounts of a RUN whose result depends on the content of what they take, in order. */
export function mountSources({ mounts = [] }: Pick<RunOp, "mounts">): readonly SourcedMount[] {
  return mounts.filter(
    (mount): mount is SourcedMount => (mount.kind === "bind" || mount.kind === "cache") && mount.from !== undefined,
  );
}
