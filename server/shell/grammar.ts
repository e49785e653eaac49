import type { Language, Parser, Tree, TreeCursor } from "@vscode/tree-sitter-wasm";
import { grammarNotReady } from "./errors.ts";
import { grammarBytes, useBaselineCode } from "./grammar-bytes.ts";

export type Grammar = "bash" | "powershell";

/** A node of a syntax tree as plain data. Chains (`a && b && c`) are one `list`, however the grammar nests them. */
export interface SyntaxNode {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
  readonly children: readonly SyntaxNode[];
  /** The grammar put it in, or could not read it. */
  readonly broken: boolean;
}

type Library = typeof import("@vscode/tree-sitter-wasm");

interface Loaded {
  readonly parser: Parser;
  readonly kinds: readonly string[];
  /** By kind's id: its inside is not needed. */
  readonly leaf: readonly boolean[];
}

const loaded = new Map<Grammar, Loaded>();
const loading = new Map<Grammar, Promise<void>>();
let runtime: Promise<Library> | undefined;
let emscripten: { wasmBinary?: Uint8Array; HEAPU8?: Uint8Array } = {};

/** Loads the grammars, in about 25 ms for bash; asked again it answers at once. `scriptOf` may be called when it has resolved. */
export async function prepareShell(...grammars: readonly Grammar[]): Promise<void> {
  await Promise.all((grammars.length > 0 ? grammars : (["bash"] as const)).map(load));
}

export function isPrepared(grammar: Grammar): boolean {
  return loaded.has(grammar);
}

function load(grammar: Grammar): Promise<void> {
  const known = loading.get(grammar);
  if (known) return known;
  const work = loadGrammar(grammar);
  loading.set(grammar, work);
  return work;
}

async function loadGrammar(grammar: Grammar): Promise<void> {
  useBaselineCode();
  runtime ??= startRuntime();
  const file = await grammarBytes(`tree-sitter-${grammar}`);
  const library = await runtime;
  const language = await library.Language.load(file);
  const parser = new library.Parser();
  parser.setLanguage(language);
  loaded.set(grammar, { parser, kinds: language.types, leaf: leavesOf(language) });
}

async function startRuntime(): Promise<Library> {
  const loading: Promise<Library & { readonly default?: Library }> = import("@vscode/tree-sitter-wasm");
  const wasmBinary = await grammarBytes("tree-sitter");
  // As a bundle of its own it is CommonJS, whose names import() does not see.
  const library = await loading.then((module) => module.default ?? module);
  // The typings know one option of many. The runtime keeps its view of the heap in the object that it is given.
  const options: typeof emscripten = { wasmBinary };
  await library.Parser.init(options as never);
  emscripten = options;
  return library;
}

type OnLoaded = (error?: unknown) => void;

let onDemand: OnLoaded | undefined;
let wanted: Promise<void> | undefined;
let hasFailed = false;

/**
 * For a server. The first text that needs bash's grammar starts its loading and has no commands until then: what was made
 * of it has to be forgotten in `onLoaded`, and asked again. Most files never need it, and it is a fifth of the memory.
 */
export function loadOnDemand(onLoaded: OnLoaded): void {
  onDemand = onLoaded;
}

/** Something was read without the grammar that it needs. Resolves behind `onLoaded`. */
export function grammarWanted(): Promise<void> | undefined {
  return wanted;
}

function readLater(text: string, onLoaded: OnLoaded): SyntaxNode {
  const end = (error?: unknown) => {
    wanted = undefined;
    // What cannot be loaded is silence from now on.
    hasFailed = error !== undefined;
    onLoaded(error);
  };
  if (!hasFailed) wanted ??= prepareShell("bash").then(() => end(), end);
  return unreadable(text);
}

function heapSizeBytes(): number {
  return emscripten.HEAPU8?.byteLength ?? 0;
}

const leaves = new Set(
  "word number raw_string ansi_c_string variable_name special_variable_name comment string_content heredoc_start heredoc_end heredoc_content simple_expansion file_descriptor test_operator regex".split(
    " ",
  ),
);

function leavesOf(language: Language): readonly boolean[] {
  return language.types.map((kind, id) => leaves.has(kind) || !language.nodeTypeIsNamed(id));
}

/** How often the grammar was asked in this process; tests count. */
export const parses = { count: 0 };

const unreadable = (text: string): SyntaxNode => ({
  kind: "ERROR",
  start: 0,
  end: text.length,
  children: [],
  broken: true,
});

/** The tree of a text. Its memory in the grammar's heap is given back before this returns. */
export function parseTree(grammar: Grammar, text: string): SyntaxNode {
  const ready = loaded.get(grammar);
  if (!ready && onDemand) return readLater(text, onDemand);
  const { parser, kinds, leaf } = ready ?? notReady(grammar);
  parses.count += 1;
  let tree: Tree | null;
  try {
    tree = parser.parse(text, null, { progressCallback: limit(text) });
    if (tree === null) parser.reset();
  } catch {
    // The grammar's heap is full, in spite of the limit: from now on there are no commands, which is silence.
    return unreadable(text);
  }
  if (tree === null) return unreadable(text);
  const cursor = tree.walk();
  try {
    return readTree(cursor, kinds, leaf);
  } finally {
    cursor.delete();
    tree.delete();
  }
}

const heapLimitBytes = 384e6;

/**
 * Text that is no shell at all (`${${${…`, pipes into nothing) can cost the grammar the square of its length, in time and
 * memory. Ordinary text costs about 1 µs a character; what takes many times that is given up. The time is that of the
 * processor: a busy machine must not change what is found.
 */
function limit(text: string): () => boolean {
  const budgetMicros = Math.min(400_000 + text.length * 8, 4_000_000);
  const before = heapSizeBytes();
  let steps = 0;
  let start: NodeJS.CpuUsage | undefined;
  return () => {
    if (heapSizeBytes() > Math.max(heapLimitBytes, before)) return true;
    // Asking for the time costs more than an ordinary script, which ends before it is asked.
    steps += 1;
    if (steps % 16 !== 0) return false;
    start ??= process.cpuUsage();
    const { user, system } = process.cpuUsage(start);
    return user + system > budgetMicros;
  };
}

function notReady(grammar: Grammar): never {
  throw grammarNotReady(grammar);
}

interface Building extends SyntaxNode {
  readonly children: Building[];
}

/** Each step of the cursor crosses into WebAssembly: a node costs two moves and three questions, a leaf one move less. */
function readTree(cursor: TreeCursor, kinds: readonly string[], leaf: readonly boolean[]): SyntaxNode {
  const node = (id: number): Building => {
    const kind = kinds[id] ?? "ERROR";
    const start = cursor.startIndex;
    const end = cursor.endIndex;
    const broken = kind === "ERROR" || (start === end && cursor.nodeIsMissing);
    return { kind, start, end, children: [], broken };
  };
  const root = node(cursor.nodeTypeId);
  const above = [root];
  const inside = cursor.gotoFirstChild();
  while (inside) {
    const parent = above.at(-1) as Building;
    const id = cursor.nodeTypeId;
    const kind = kinds[id] ?? "ERROR";
    const merged = kind === "list" && parent.kind === "list";
    const current = merged ? parent : node(id);
    if (!merged) parent.children.push(current);
    if (leaf[id] !== true && cursor.gotoFirstChild()) {
      above.push(current);
      continue;
    }
    while (!cursor.gotoNextSibling()) {
      if (above.length === 1 || !cursor.gotoParent()) return root;
      above.pop();
      if (above.length === 0) return root;
    }
  }
  return root;
}
