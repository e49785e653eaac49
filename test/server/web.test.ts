import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { createContext, runInContext } from "node:vm";
import { build } from "esbuild";

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly result?: unknown;
  readonly params?: unknown;
}

/** A web worker without anything of Node: only what browsers have. */
describe("the server in a browser", () => {
  let send: (message: object) => void;
  const received: Answer[] = [];
  const waiting = new Set<() => void>();
  const receive = (fits: (answer: Answer) => boolean): Promise<Answer> =>
    new Promise((resolve) => {
      const look = () => {
        const found = received.find(fits);
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  const ports: { unref(): void }[] = [];
  const fetched: string[] = [];

  before(async function () {
    this.timeout(60_000);
    const bundler = path.resolve("server/web/bundle.mjs");
    const { webServer, webClient } = (await import(bundler)) as Record<"webServer" | "webClient", object>;
    // What VS Code loads must bundle too.
    await build({ ...webClient, write: false, outdir: "out" });
    const { outputFiles } = await build({ ...webServer, write: false, outdir: "out" });
    const program = outputFiles[0]?.text ?? "";
    const listeners: ((event: object) => void)[] = [];
    const folder = path.resolve("node_modules/@vscode/tree-sitter-wasm/wasm");
    class Channel extends MessageChannel {
      constructor() {
        super();
        ports.push(this.port1 as never, this.port2 as never);
      }
    }
    const scope: Record<string, unknown> = {
      ...{ console, performance, setTimeout, clearTimeout, setInterval, clearInterval, queueMicrotask },
      ...{ URL, TextDecoder, TextEncoder, AbortController, AbortSignal, WebAssembly, MessageChannel: Channel },
      location: { href: "blob:https://example.com/1-2-3" },
      importScripts: () => {},
      postMessage(answer: Answer) {
        received.push(JSON.parse(JSON.stringify(answer)));
        for (const look of [...waiting]) look();
      },
      addEventListener: (_: string, listener: (event: object) => void) => listeners.push(listener),
      async fetch(url: URL) {
        fetched.push(String(url));
        const bytes = readFileSync(path.join(folder, path.basename(url.pathname)));
        return {
          ok: true,
          arrayBuffer: async () => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
        };
      },
    };
    scope.self = scope;
    const context = createContext(scope);
    runInContext(program, context);
    send = (message) => {
      const data = runInContext(`(${JSON.stringify({ jsonrpc: "2.0", ...message })})`, context);
      for (const listener of listeners) listener({ data });
      const { onmessage } = context as { onmessage?: (event: object) => void };
      onmessage?.({ data });
    };
  });
  after(() => {
    for (const port of ports) port.unref();
  });

  it("answers about one file, its scripts included", async () => {
    const initializationOptions = { program: "https://example.com/dist/webserver.js" };
    send({
      id: 1,
      method: "initialize",
      params: { processId: null, rootUri: null, capabilities: {}, initializationOptions },
    });
    await receive(({ id }) => id === 1);
    send({ method: "initialized", params: {} });
    const uri = "vscode-vfs://github/owner/app/Dockerfile";
    const text = "FROM node:24 AS build # x\nWORKDIR /app\nRUN for x in a b; do sudo make $x; done\n";
    const textDocument = { uri, version: 1, languageId: "dockerfile", text };
    send({ method: "textDocument/didOpen", params: { textDocument } });
    const shown = await receive(({ method }) => method === "textDocument/publishDiagnostics");
    assert.match(JSON.stringify(shown), /syntax\/inline-comment/);
    // Seen by the shell's grammar alone.
    assert.match(JSON.stringify(shown), /"code":"run\/sudo"/);
    assert.deepEqual(
      fetched.sort(),
      ["tree-sitter-bash", "tree-sitter"].map((name) => `https://example.com/dist/${name}.wasm`).sort(),
    );
    send({
      id: 2,
      method: "textDocument/hover",
      params: { textDocument: { uri }, position: { line: 1, character: 2 } },
    });
    assert.match(JSON.stringify(await receive(({ id }) => id === 2)), /WORKDIR/);
  });
});
