import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { setFlagsFromString } from "node:v8";

/** A wasm file of the grammars by its name: beside the bundle when it is installed, else in the package. */
export async function grammarBytes(name: string): Promise<Uint8Array> {
  return readFileSync(path.join(wasmFolder(), `${name}.wasm`));
}

function wasmFolder(): string {
  if (existsSync(path.join(__dirname, "tree-sitter.wasm"))) return __dirname;
  return path.dirname(createRequire(__filename).resolve("@vscode/tree-sitter-wasm"));
}

/**
 * V8's optimizing compiler takes 8 s of CPU for PowerShell's tables, and a program cannot end before it is done. The
 * baseline code is no slower for scripts of this size.
 */
export function useBaselineCode(): void {
  setFlagsFromString("--liftoff-only");
}
