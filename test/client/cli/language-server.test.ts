import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, cpSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildSync } from "esbuild";

/** What Neovim, Helix and Emacs do: a program, its standard streams, and the bare protocol. */
describe("drydock language-server", () => {
  let folder = "";
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "drydock-stdio-"));
    buildSync({
      entryPoints: { cli: "client/cli/main.ts", server: "server/main.ts" },
      outdir: path.join(folder, "dist"),
      bundle: true,
      platform: "node",
      format: "cjs",
      target: "node20",
      mainFields: ["module", "main"],
      external: ["cpu-features", "*.node"],
      logLevel: "error",
    });
    for (const name of ["tree-sitter", "tree-sitter-bash", "tree-sitter-powershell"]) {
      copyFileSync(
        `node_modules/@vscode/tree-sitter-wasm/wasm/${name}.wasm`,
        path.join(folder, "dist", `${name}.wasm`),
      );
    }
    cpSync("l10n", path.join(folder, "l10n"), { recursive: true });
  });
  after(() => rmSync(folder, { recursive: true }));

  const start = (args: readonly string[], locale = "C") => {
    const child = spawn(process.execPath, [path.join(folder, "dist", "cli.js"), "language-server", ...args], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { PATH: process.env.PATH, LC_ALL: locale },
    });
    let received = Buffer.alloc(0);
    const waiting = new Set<() => void>();
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    child.stdout.on("data", (piece: Buffer) => {
      received = Buffer.concat([received, piece]);
      for (const look of [...waiting]) look();
    });
    const send = (message: object) => {
      const body = JSON.stringify({ jsonrpc: "2.0", ...message });
      child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    };
    /** The first message that fits. */
    const receive = (fits: (message: Record<string, unknown>) => boolean) =>
      new Promise<Record<string, unknown>>((resolve) => {
        const look = () => {
          const found = messages(received).find(fits);
          if (!found) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      });
    return { send, receive, ended, stdin: child.stdin };
  };

  it("says hello, shows problems and says goodbye over bare streams", async () => {
    const { send, receive, ended } = start(["--stdio"]);
    send({ id: 1, method: "initialize", params: { processId: null, rootUri: null, capabilities: {} } });
    const hello = await receive(({ id }) => id === 1);
    assert.match(JSON.stringify(hello), /"hoverProvider":true/);
    send({ method: "initialized", params: {} });
    const textDocument = { uri: "untitled:Dockerfile", version: 1, languageId: "dockerfile", text: "FROM a # b\n" };
    send({ method: "textDocument/didOpen", params: { textDocument } });
    const shown = await receive(({ method }) => method === "textDocument/publishDiagnostics");
    assert.match(JSON.stringify(shown), /syntax\/inline-comment/);
    send({ id: 2, method: "shutdown" });
    await receive(({ id }) => id === 2);
    send({ method: "exit" });
    assert.equal(await ended, 0);
  });

  const korean = /\p{Script=Hangul}/u;
  for (const { says, args = [], lang = "C", client = {}, isKorean } of [
    { says: "the terminal's language", lang: "ko_KR.UTF-8", isKorean: true },
    { says: "the language of --locale", args: ["--locale", "ko"], isKorean: true },
    { says: "--locale before all others", args: ["--locale=en"], lang: "ko_KR.UTF-8", isKorean: false },
    { says: "the client's language before the terminal's", client: { locale: "ko-KR" }, isKorean: true },
    {
      says: "what the client brings",
      lang: "ko_KR",
      client: { initializationOptions: { translations: {} } },
      isKorean: false,
    },
    { says: "English where there is no translation", args: ["--locale", "xx"], isKorean: false },
  ]) {
    it(`speaks ${says}`, async () => {
      const { send, receive, ended, stdin } = start(args, lang);
      send({ id: 1, method: "initialize", params: { processId: null, rootUri: null, capabilities: {}, ...client } });
      await receive(({ id }) => id === 1);
      const textDocument = { uri: "untitled:Dockerfile", version: 1, languageId: "dockerfile", text: "FROM a # b\n" };
      send({ method: "textDocument/didOpen", params: { textDocument } });
      const shown = await receive(({ method }) => method === "textDocument/publishDiagnostics");
      assert.equal(korean.test(JSON.stringify(shown)), isKorean);
      stdin.end();
      await ended;
    });
  }

  it("needs no option, and ends with the editor", async () => {
    const { send, receive, ended, stdin } = start([]);
    send({ id: 1, method: "initialize", params: { processId: null, rootUri: null, capabilities: {} } });
    await receive(({ id }) => id === 1);
    stdin.end();
    assert.equal(await ended, 1);
  });

  it("ends without a word when its editor goes away without one", () => {
    const command = [path.join(folder, "dist", "cli.js"), "language-server", "--stdio"];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { input: "", encoding: "utf8" });
    assert.deepEqual({ status, stdout, stderr }, { status: 1, stdout: "", stderr: "" });
  });
});

function messages(received: Buffer): Record<string, unknown>[] {
  const found: Record<string, unknown>[] = [];
  for (let at = 0; ; ) {
    const head = received.indexOf("\r\n\r\n", at);
    if (head < 0) return found;
    const length = Number(/Content-Length: (\d+)/.exec(received.toString("latin1", at, head))?.[1]);
    if (received.length < head + 4 + length) return found;
    found.push(JSON.parse(received.toString("utf8", head + 4, head + 4 + length)));
    at = head + 4 + length;
  }
}
