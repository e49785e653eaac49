import type { SemanticTokens, SemanticTokensDelta } from "vscode-languageserver";

/** Sends what changed since the client's last answer: of a long file a few numbers instead of all. */
export class TokenHistory {
  readonly #sent = new Map<string, { readonly id: string; readonly data: readonly number[] }>();
  #count = 0;

  full(uri: string, { data }: SemanticTokens): SemanticTokens {
    return { resultId: this.#keep(uri, data), data };
  }

  delta(uri: string, previousId: string, { data }: SemanticTokens): SemanticTokens | SemanticTokensDelta {
    const sent = this.#sent.get(uri);
    if (sent?.id !== previousId) return this.full(uri, { data });
    const resultId = this.#keep(uri, data);
    const before = sent.data;
    const shorter = Math.min(before.length, data.length);
    let start = 0;
    while (start < shorter && before[start] === data[start]) start += 1;
    if (start === before.length && start === data.length) return { resultId, edits: [] };
    let same = 0;
    while (same < shorter - start && before[before.length - 1 - same] === data[data.length - 1 - same]) same += 1;
    const edit = { start, deleteCount: before.length - start - same, data: data.slice(start, data.length - same) };
    return { resultId, edits: [edit] };
  }

  forget(uri: string): void {
    this.#sent.delete(uri);
  }

  #keep(uri: string, data: readonly number[]): string {
    this.#count += 1;
    const id = String(this.#count);
    this.#sent.set(uri, { id, data });
    return id;
  }
}
