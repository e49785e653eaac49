import path from "node:path";
import { type Digest, isDigest } from "../base/digest.ts";
import { EngineError } from "../base/errors.ts";
import { type Message, msg } from "../base/message.ts";
import type { TakenContent } from "../cache/forecast-state.ts";
import { gitContent } from "../cache/keys.ts";
import { digestSelected } from "../context/digest.ts";
import type { StatCache } from "../context/types.ts";
import { fileNameOf } from "../graph/add.ts";
import type { BuildGraph, CopyOp, RemoteSource, RunOp } from "../graph/graph.ts";
import { mountSources } from "../graph/inputs.ts";
import { reachable, vertexOf } from "../graph/vertices.ts";
import { bodyFile, recall } from "../solver/downloads.ts";
import type { Taken, Unsaved, WatchedContext } from "./contexts.ts";

interface TakeOptions {
  /** Undefined: a named context that is no folder of this machine. */
  readonly contextOf: (name: string | undefined) => WatchedContext | undefined;
  readonly unsaved: Unsaved;
  /** `<home>/downloads` */
  readonly downloads: string;
}

/** What the steps of a graph take of contexts and addresses, as far as it can be known without asking anybody. */
export async function takenBy(
  graph: BuildGraph,
  options: TakeOptions,
): Promise<{ readonly contents: ReadonlyMap<number, TakenContent>; readonly copied: ReadonlyMap<number, Taken> }> {
  const contents = new Map<number, TakenContent>();
  const copied = new Map<number, Taken>();
  for (const id of reachable(graph, graph.result)) {
    const { op } = vertexOf(graph, id);
    try {
      if (op.kind === "run") {
        const mounted = await mountedBy(op, options);
        if (mounted) contents.set(id, mounted);
      } else if (op.kind === "copy" && op.from.kind === "context") {
        const { name } = op.from;
        const taken = op.sources.length === 0 ? undefined : await open(options, name).copied(op, options.unsaved);
        if (taken && name === undefined) copied.set(id, taken);
        contents.set(id, { kind: "known", local: taken?.digest, fetched: await fetchedBy(op, options.downloads) });
      }
    } catch (error) {
      contents.set(id, { kind: "unknown", cause: { kind: "fails", message: messageOf(error) } });
    }
  }
  return { contents, copied };
}

function open({ contextOf }: TakeOptions, name: string | undefined): WatchedContext {
  const context = contextOf(name);
  if (context) return context;
  throw new EngineError({
    code: "unsupported",
    message: msg("the files of {name} are fetched when it is built", { name: name ?? "" }),
  });
}

async function mountedBy(op: RunOp, options: TakeOptions): Promise<TakenContent | undefined> {
  const sources = mountSources(op);
  if (!sources.some(({ from }) => from.kind === "context")) return undefined;
  const contexts: (Digest | undefined)[] = [];
  for (const { from, source } of sources) {
    const isOurs = from.kind === "context";
    contexts.push(isOurs ? (await open(options, from.name).mounted(source, options.unsaved)).digest : undefined);
  }
  return { kind: "mounts", contexts };
}

/** Undefined when somebody has to be asked. */
async function fetchedBy({ remotes = [] }: CopyOp, downloads: string): Promise<readonly Digest[] | undefined> {
  const digests: Digest[] = [];
  for (const source of remotes) {
    const digest = source.kind === "git" ? commitOf(source) : await downloaded(source, downloads);
    if (digest === undefined) return undefined;
    digests.push(digest);
  }
  return digests;
}

function commitOf(source: RemoteSource & { readonly kind: "git" }): Digest | undefined {
  const { ref = "", checksum = "" } = source;
  return /^[0-9a-f]{40}$/.test(ref) && ref.startsWith(checksum) ? gitContent(source, ref) : undefined;
}

/** With a checksum whose body is here nobody is asked. */
async function downloaded(
  { url, checksum }: RemoteSource & { readonly kind: "url" },
  downloads: string,
): Promise<Digest | undefined> {
  if (checksum === undefined || !isDigest(checksum)) return undefined;
  const known = recall(url, downloads);
  if (known?.digest !== checksum) return undefined;
  const name = fileNameOf(url);
  const file = bodyFile(downloads, checksum);
  const entry = { name, file, type: "file" as const, mode: 0o600, sizeBytes: known.sizeBytes, mtimeMs: 0 };
  const stats: StatCache = {
    filesRead: 0,
    known: () => checksum,
    digestOf: async () => checksum,
    save: async () => undefined,
  };
  return digestSelected([{ path: name, type: "file", entries: [entry] }], stats);
}

function messageOf(error: unknown): Message {
  if (error instanceof EngineError) return error.details.message;
  return msg("{text}", { text: error instanceof Error ? error.message : String(error) });
}

/** A folder of this machine that a named context stands for. */
export function namedFolder(where: string): string | undefined {
  return path.isAbsolute(where) ? where : undefined;
}
