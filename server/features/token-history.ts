import type { SemanticTokens, SemanticTokensDelta } from "vscode-languageserver";
import type { ListOf } from "../wire.ts";
import type { Colours } from "./tokens/colours.ts";

/** Sends what changed since the client's last answer: of a long file a few numbers instead of all. */
export class TokenHistory {
  readonly #sent = new Map<string, { readonly id: string; readonly colours: Colours }>();
  readonly #listOf: ListOf;
  #count = 0;

  /** `listOf`: how all colours are handed to the connection. */
  constructor(listOf: ListOf = (json) => [...json.toJSON()]) {
    this.#listOf = listOf;
  }

  full(uri: string, colours: Colours): SemanticTokens {
    return { resultId: this.#keep(uri, colours), data: this.#listOf(colours) };
  }

  delta(uri: string, previousId: string, colours: Colours): SemanticTokens | SemanticTokensDelta {
    const sent = this.#sent.get(uri);
    if (sent?.id !== previousId) return this.full(uri, colours);
    return { resultId: this.#keep(uri, colours), edits: colours.editsFrom(sent.colours) };
  }

  forget(uri: string): void {
    this.#sent.delete(uri);
  }

  #keep(uri: string, colours: Colours): string {
    this.#count += 1;
    const id = String(this.#count);
    this.#sent.set(uri, { id, colours });
    return id;
  }
}
