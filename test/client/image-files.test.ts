import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { connect } from "../../client/engines/connection.ts";
import { answerImageFiles } from "../../client/image-files.ts";

type Token = { onCancellationRequested(listener: () => void): void };
type Handler = (params: unknown, token: Token) => Promise<unknown>;

describe("the files of an image, for the language server", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "drydock-image-files-"));
  const socket = path.join(folder, "engine.sock");
  const asked: string[] = [];
  let server: Server;
  let hangs = () => {};

  before(async () => {
    server = createServer((request, response) => {
      asked.push(request.url ?? "");
      const url = new URL(request.url ?? "", "http://engine");
      const wanted = url.searchParams.get("path");
      if (wanted === "/hang") return hangs();
      if (wanted !== "/etc/") {
        response.writeHead(wanted === "/broken" ? 500 : 404);
        const code = wanted === "/broken" ? "internal" : "not-found";
        return response.end(JSON.stringify({ message: "no", drydock: { code, message: { template: "no" } } }));
      }
      const entries = [
        { name: "nginx", type: "folder" },
        { name: "mtab", type: "link", targetType: "file" },
        { name: "lib", type: "link", targetType: "folder" },
        { name: "dead", type: "link" },
      ];
      response.end(JSON.stringify({ entry: { name: "etc", type: "folder" }, entries, writable: false }));
    });
    await new Promise<void>((resolve) => server.listen(socket, resolve));
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });

  function ask(running: () => Promise<Awaited<ReturnType<typeof connect>> | undefined>, problems: string[] = []) {
    let handler: Handler = async () => undefined;
    const client = { onRequest: (_: string, one: Handler) => (handler = one) };
    answerImageFiles(client as never, { running }, (problem) => problems.push(problem));
    return (params: unknown, token: Token = { onCancellationRequested: () => {} }) => handler(params, token);
  }
  const ours = () => connect(socket);

  it("come from the engine that runs, links as what they lead to", async () => {
    assert.deepEqual(await ask(ours)({ image: "ghcr.io/me/app:1", path: "/etc/" }), {
      entries: [
        { name: "nginx", isFolder: true },
        { name: "mtab", isFolder: false },
        { name: "lib", isFolder: true },
        { name: "dead", isFolder: false },
      ],
    });
    assert.deepEqual(asked, ["/drydock/images/ghcr.io%2Fme%2Fapp%3A1/files?path=%2Fetc%2F"]);
  });

  it("are none where there is no such image or folder, and unknown where nobody can say", async () => {
    const problems: string[] = [];
    assert.deepEqual(await ask(ours, problems)({ image: "a", path: "/no" }), { entries: [] });
    assert.deepEqual(problems, []);
    assert.equal(await ask(ours, problems)({ image: "a", path: "/broken" }), null);
    assert.equal(problems.length, 1);
    assert.equal(await ask(async () => undefined)({ image: "a", path: "/etc/" }), null);
    const foreign = async () => ({ ...(await ours()), isEmbedded: false });
    assert.equal(await ask(foreign)({ image: "a", path: "/etc/" }), null);
  });

  it("are taken back with the question", async () => {
    const problems: string[] = [];
    let cancel = () => {};
    hangs = () => cancel();
    const token = { onCancellationRequested: (listener: () => void) => (cancel = listener) };
    assert.equal(await ask(ours, problems)({ image: "a", path: "/hang" }, token), null);
    assert.deepEqual(problems, []);
  });
});
