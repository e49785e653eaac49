import { type Digest, digestOf } from "../base/digest.ts";
import type { CopyOp, Op, RemoteSource, RunHost, RunMount, RunOp, Vertex } from "../graph/graph.ts";
import { mountSources } from "../graph/inputs.ts";

/** Raised whenever the meaning of a key changes: then nothing that older versions built is reused. */
const version = "drydock.key.v1";

/**
 * What a step is, as far as its result depends on it: two steps with one key have one result.
 *
 * `inputKeys` are the keys of `inputsOf(vertex.op)`, in that order. `contentDigest` covers everything that the sources of
 * a COPY or ADD select and fetch, in order; it is required for the context. For a COPY from another stage it may be left out: then the
 * stage's own key stands for its files, which misses more often and is never wrong. For a RUN with mounts it is
 * `mountsContent`.
 */
export function vertexKey(vertex: Vertex, inputKeys: readonly Digest[], contentDigest?: Digest): Digest {
  const parts = partsOf(vertex.op, inputKeys, contentDigest);
  // One part more, under a name that no operation's parts end with: without it a key is what it always was.
  const newest = vertex.newestMs === undefined ? [] : ["newest", vertex.newestMs];
  return digestOf(JSON.stringify([version, ...parts, ...newest]));
}

/** What the mounts of a RUN take (`mountSources`, in that order), as one content digest. */
export function mountsContent(contents: readonly Digest[]): Digest {
  return digestOf(JSON.stringify(["drydock.mounts", ...contents]));
}

/** What an ADD takes: of the context, and then what each address has. */
export function addContent(local: Digest | undefined, fetched: readonly Digest[]): Digest {
  return digestOf(JSON.stringify([local ?? null, ...fetched]));
}

/** What an ADD takes of a repository. */
export function gitContent(source: RemoteSource & { readonly kind: "git" }, commit: string): Digest {
  return digestOf(JSON.stringify(["drydock-git-1", commit, source.subdir ?? "", source.keepGitDir]));
}

/** What of a file system a COPY takes, or a mount shows: part of a `selectionKey`. */
type LayerSelection = ReturnType<typeof copySelection> | ReturnType<typeof mountedSelection>;

export function copySelection({ sources, excludes, parents }: CopyOp) {
  return { sources, excludes, parents };
}

export function mountedSelection(source: string) {
  return { mounted: source };
}

/** Under which the content digest of a selection is remembered: layers decide it alone. `layers`: chain of diff ids. */
export function selectionKey(layers: readonly Digest[], what: LayerSelection): Digest {
  return digestOf(JSON.stringify(["drydock-selection-1", layers, what]));
}

/** Whether a key cannot be made without the content of the build context. */
export function needsContent(op: Op): boolean {
  if (op.kind === "run") return mountSources(op).some(({ from }) => from.kind === "context");
  return op.kind === "copy" && ((op.from.kind === "context" && op.sources.length > 0) || op.remotes !== undefined);
}

// Every list has a fixed length and order and no optional parts, so that no two operations can be written alike.
function partsOf(op: Op, inputKeys: readonly Digest[], contentDigest: Digest | undefined): readonly unknown[] {
  const [parent = null] = inputKeys;
  switch (op.kind) {
    case "scratch":
      return ["scratch"];
    case "image":
      // Name and config do not count: a tag that moved to an image with the same layers changes no step.
      return ["image", op.diffIds];
    case "mkdir":
      return ["mkdir", parent, op.path, op.user];
    case "run":
      return [...runParts(op, parent), ...sandboxParts(op, inputKeys, contentDigest)];
    case "copy":
      return ["copy", parent, ...copyParts(op, inputKeys, contentDigest)];
  }
}

function runParts(op: RunOp, parent: Digest | null): readonly unknown[] {
  // The environment counts as it is ordered. Proxies are left out: they say how to reach the world, not what to do.
  return ["run", parent, op.args, op.env, op.cwd, op.user, op.network, inline(op.scripts ?? [])];
}

/** One part more for a RUN that has any of this; without, its key is what it was before there were mounts. */
function sandboxParts(op: RunOp, inputKeys: readonly Digest[], contentDigest: Digest | undefined): readonly unknown[] {
  const { mounts = [], security = "sandbox", host = {} } = op;
  const hosts = hostParts(host);
  if (mounts.length === 0 && security === "sandbox" && hosts.length === 0) return [];
  if (contentDigest === undefined && needsContent(op))
    throw new Error("a mount from the context needs a content digest");
  const hasSources = mountSources(op).length > 0;
  const taken = !hasSources
    ? null
    : (contentDigest ?? ["vertices", inputKeys.slice(1), mountSources(op).map(({ source }) => source)]);
  return [[mounts.map(mountParts), taken, security, hosts]];
}

/** Never what a secret says, never which cache it is or who shares it: caches and secrets change no result. */
function mountParts(mount: RunMount): readonly unknown[] {
  switch (mount.kind) {
    case "bind":
      return ["bind", mount.target, mount.writable];
    case "cache":
      return [
        "cache",
        mount.target,
        mount.writable,
        mount.from !== undefined,
        mount.mode ?? null,
        mount.uid ?? null,
        mount.gid ?? null,
      ];
    case "tmpfs":
      return ["tmpfs", mount.target, mount.sizeBytes ?? null];
    case "secret":
      return [
        "secret",
        mount.id,
        mount.target ?? null,
        mount.env ?? null,
        mount.required,
        mount.mode,
        mount.uid,
        mount.gid,
      ];
    case "ssh":
      return ["ssh", mount.id, mount.target, mount.required, mount.mode, mount.uid, mount.gid];
  }
}

/** Extra hosts count by name: where they are is as little a part of the result as a proxy. */
function hostParts({ extraHosts = [], shmSizeBytes, ulimits = [] }: RunHost): readonly unknown[] {
  if (extraHosts.length === 0 && shmSizeBytes === undefined && ulimits.length === 0) return [];
  return [
    extraHosts.map((entry) => entry.replace(/[:=].*$/s, "")),
    shmSizeBytes ?? null,
    ulimits.map(({ name, soft, hard }) => [name, soft, hard]),
  ];
}

function copyParts(op: CopyOp, inputKeys: readonly Digest[], contentDigest: Digest | undefined): readonly unknown[] {
  if (contentDigest === undefined && needsContent(op))
    throw new Error("a COPY from the context needs a content digest");
  const byContent = contentDigest !== undefined || op.sources.length === 0;
  return [
    byContent ? ["content", contentDigest ?? null] : ["vertex", inputKeys[1] ?? null],
    op.sources.map((source) => (byContent && !op.parents ? baseName(source) : source)),
    inline(op.inline),
    op.destination,
    op.chown ?? null,
    op.chmod ?? null,
    op.link,
    op.parents,
    op.excludes,
    op.unpack ?? false,
  ];
}

/** Where a file came from does not matter, what it is called does: it may be its name in the image. */
function baseName(source: string): string {
  return source.slice(source.lastIndexOf("/") + 1);
}

function inline(files: readonly { readonly name: string; readonly content: string }[]): readonly unknown[] {
  return files.map(({ name, content }) => [name, content]);
}
