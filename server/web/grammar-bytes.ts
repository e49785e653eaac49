/** The grammars lie beside the worker's program. */
export async function grammarBytes(name: string): Promise<Uint8Array> {
  const here = (globalThis as unknown as { readonly location: { readonly href: string } }).location.href;
  const answer = await fetch(new URL(`${name}.wasm`, here));
  if (!answer.ok) throw new Error(`${name}.wasm: ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

export function useBaselineCode(): void {}
