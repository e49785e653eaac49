import assert from "node:assert/strict";
import type { Message } from "vscode-languageserver";
import { Inbox } from "../../server/inbox.ts";

const uri = "file:///Dockerfile";
const other = "file:///other/Dockerfile";

interface Sent extends Message {
  readonly id?: number;
}

/** Most are about a document. */
const full = (method: string) => (/^(?:workspace|shutdown|exit)/.test(method) ? method : `textDocument/${method}`);

/** An inbox without a connection: what is handed over and what is refused, in order. */
class Lab {
  readonly order: string[] = [];
  readonly inbox: Inbox;
  isFree = true;
  #taken: () => void = () => {};
  #hear: (message: Message) => void = () => {};
  readonly #seen = new Set<() => void>();
  #ids = 0;

  constructor(dropsStale = true) {
    const nothing = () => ({ dispose: () => {} });
    const reader = {
      ...{ onError: nothing, onClose: nothing, onPartialMessage: nothing, dispose: () => {} },
      listen: (hear: (message: Message) => void) => {
        this.#hear = hear;
        return { dispose: () => {} };
      },
    };
    this.inbox = new Inbox(reader, {
      write: async ({ id, error }) => this.#note(`${id} refused with ${error?.code}`),
      isFree: (then) => {
        this.#taken = then;
        return this.isFree;
      },
    });
    this.inbox.dropsStale = dropsStale;
    this.inbox.listen((message) => {
      const { id, method } = message as Sent & { readonly method: string };
      this.#note(id === undefined ? method : `${id} ${method}`);
      // As main.ts does when it works out diagnostics.
      if (method === "textDocument/diagnostic") this.inbox.checked(uri);
    });
  }

  #note(what: string): void {
    this.order.push(what.replace("textDocument/", ""));
    for (const look of [...this.#seen]) look();
  }

  notify(method: string, at = uri): void {
    this.#hear({ jsonrpc: "2.0", method: full(method), params: { textDocument: { uri: at } } } as Message);
  }

  ask(method: string, params: object = {}, at = uri): number {
    this.#ids += 1;
    this.#hear({
      jsonrpc: "2.0",
      id: this.#ids,
      method: full(method),
      params: { textDocument: { uri: at }, ...params },
    } as Message);
    return this.#ids;
  }

  takeBack(id: number): void {
    this.#hear({ jsonrpc: "2.0", method: "$/cancelRequest", params: { id } } as Message);
  }

  clientReads(): void {
    this.isFree = true;
    this.#taken();
  }

  /** When so many things have happened. */
  async happened(count: number): Promise<readonly string[]> {
    await new Promise<void>((resolve) => {
      const look = () => {
        if (this.order.length < count) return;
        this.#seen.delete(look);
        resolve();
      };
      this.#seen.add(look);
      look();
    });
    return this.order;
  }
}

describe("the inbox", () => {
  it("hands over diagnostics before everything that was asked with them, and what an editor asks for itself last", async () => {
    const lab = new Lab();
    lab.notify("didChange");
    for (const method of ["semanticTokens/full/delta", "documentSymbol", "foldingRange", "completion", "diagnostic"]) {
      lab.ask(method);
    }
    assert.deepEqual(await lab.happened(6), [
      "didChange",
      "5 diagnostic",
      "4 completion",
      "1 semanticTokens/full/delta",
      "2 documentSymbol",
      "3 foldingRange",
    ]);
  });

  it("lets diagnostics overtake that come while others wait", async () => {
    const lab = new Lab();
    for (const method of ["documentSymbol", "foldingRange", "codeLens"]) lab.ask(method);
    await lab.happened(1);
    lab.notify("didChange", other);
    lab.ask("diagnostic", {}, other);
    const order = await lab.happened(3);
    assert.deepEqual(order.slice(0, 3), ["1 documentSymbol", "didChange", "4 diagnostic"]);
  });

  it("puts all changes in before it asks for anything about them", async () => {
    const lab = new Lab();
    for (let key = 0; key < 3; key += 1) {
      lab.notify("didChange");
      lab.ask("diagnostic");
    }
    const order = await lab.happened(6);
    assert.deepEqual(order.slice(0, 4), ["didChange", "didChange", "didChange", "1 diagnostic"]);
  });

  it("asks what a person has asked about the text of that moment", async () => {
    const lab = new Lab();
    lab.ask("completion");
    lab.ask("codeAction", { context: { triggerKind: 2, only: ["source.fixAll"] } });
    lab.notify("didChange");
    assert.deepEqual(await lab.happened(3), ["1 completion", "2 codeAction", "didChange"]);
  });

  it("refuses at once what is asked about a text that is gone", async () => {
    const lab = new Lab();
    lab.ask("documentSymbol");
    lab.ask("codeAction", { context: { triggerKind: 2 } });
    lab.ask("documentSymbol", {}, other);
    lab.notify("didChange");
    lab.ask("diagnostic");
    assert.deepEqual(await lab.happened(5), [
      "1 refused with -32801",
      "2 refused with -32801",
      "didChange",
      "4 diagnostic",
      "3 documentSymbol",
    ]);
  });

  it("answers clients that do not ask again", async () => {
    const lab = new Lab(false);
    lab.ask("documentSymbol");
    lab.ask("documentHighlight");
    lab.notify("didChange");
    lab.ask("diagnostic");
    assert.deepEqual(await lab.happened(4), ["2 documentHighlight", "didChange", "3 diagnostic", "1 documentSymbol"]);
  });

  it("refuses what was taken back, and tells the connection of what is under way", async () => {
    const lab = new Lab();
    const first = lab.ask("completion");
    const second = lab.ask("hover");
    await lab.happened(1);
    lab.takeBack(second);
    lab.takeBack(first);
    assert.deepEqual(await lab.happened(3), ["1 completion", "2 refused with -32800", "$/cancelRequest"]);
  });

  it("keeps what an editor asks for itself until the diagnostics of a change are asked for", async () => {
    const lab = new Lab();
    lab.notify("didChange");
    lab.ask("documentSymbol");
    await lab.happened(1);
    lab.ask("diagnostic");
    assert.deepEqual(await lab.happened(3), ["didChange", "2 diagnostic", "1 documentSymbol"]);
  });

  it("does not keep it for clients that never ask", async () => {
    const lab = new Lab();
    lab.notify("didChange");
    lab.ask("documentSymbol");
    assert.deepEqual(await lab.happened(2), ["didChange", "1 documentSymbol"]);
  });

  it("gives the client one long answer at a time", async () => {
    const lab = new Lab();
    lab.isFree = false;
    lab.ask("documentSymbol");
    lab.ask("workspace/symbol");
    assert.deepEqual(await lab.happened(1), ["2 workspace/symbol"]);
    lab.ask("diagnostic");
    await lab.happened(2);
    lab.clientReads();
    assert.deepEqual(await lab.happened(3), ["2 workspace/symbol", "3 diagnostic", "1 documentSymbol"]);
  });

  it("answers everything before it ends", async () => {
    const lab = new Lab();
    lab.notify("didChange");
    lab.ask("documentSymbol");
    lab.ask("shutdown");
    lab.notify("exit");
    assert.deepEqual(await lab.happened(4), ["didChange", "1 documentSymbol", "2 shutdown", "exit"]);
  });
});
