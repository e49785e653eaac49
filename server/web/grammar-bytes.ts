import { program } from "./program.ts";

/** The grammars lie beside the worker's program. */
export async function grammarBytes(name: string): Promise<Uint8Array> {
  const answer = await fetch(new URL(`${name}.wasm`, program.address));
  if (!answer.ok) throw new Error(`${name}.wasm: ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

export function useBaselineCode(): void {}
