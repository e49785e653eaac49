import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { CompletionItem, CompletionList } from "vscode-languageserver";
import { formatMessage } from "../../../engine/base/message.ts";
import { Analysis } from "../../../server/analysis.ts";
import { completion } from "../../../server/features/completion.ts";
import { prepareLint } from "../../../server/lint/lint.ts";
import { Linter } from "../../../server/lint/linter.ts";
import { rules } from "../../../server/rules/rules.ts";
import { LanguageServer } from "../../support/language-server.ts";
import { eventually } from "../../support/person.ts";

describe("completion over the protocol", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "drydock-completion-"));
  const uri = "untitled:Dockerfile";
  let server: LanguageServer;
  const completionItem = { snippetSupport: true };

  const start = async (initializationOptions: object, capabilities: object = {}) => {
    server = LanguageServer.start(path.join(folder, "server.js"));
    return server.initialize({ initializationOptions, capabilities });
  };
  afterEach(async () => assert.equal(await server.stop(), 0));
  after(() => rmSync(folder, { recursive: true }));

  const listAt = (line: number, character: number) =>
    server.ask<CompletionList>("completion", uri, { position: { line, character } });

  it("asks the client for images and tags, and a registry's tags once", async () => {
    const asked: unknown[] = [];
    const { capabilities } = await start({ images: true });
    for (const character of [":", "/", "$", " ", "="]) {
      assert.ok(capabilities.completionProvider?.triggerCharacters?.includes(character));
    }
    server.connection.onRequest("drydock/images", () => ({ names: ["mine:dev"] }));
    server.connection.onRequest("drydock/tags", (params) => {
      asked.push(params);
      return { names: ["1.9", "1.10", "1.10-alpine", "bad tag"] };
    });
    await server.open(uri, "FROM ghcr.io/me/app:\nFROM ");
    const names = async (line: number, character: number) =>
      (await listAt(line, character)).items.map(({ label }) => label);
    await eventually(async () => assert.deepEqual(await names(0, 20), ["1.10", "1.9", "1.10-alpine"]));
    await server.change(uri, "FROM ghcr.io/me/app:1\nFROM ", 2);
    assert.deepEqual(await names(0, 21), ["1.10", "1.9", "1.10-alpine"]);
    assert.deepEqual(asked, [{ repository: "ghcr.io/me/app" }]);
    // A list does not wait long for the engine's images; what comes later is there for the next list.
    await eventually(async () => assert.equal((await names(1, 5))[0], "mine:dev"));
  });

  it("asks nobody where the client did not say that it answers, and lives when an answer is an error", async () => {
    await start({});
    await server.open(uri, "FROM node:");
    assert.deepEqual(
      (await listAt(0, 10)).items.map(({ label }) => label),
      ["24-slim"],
    );
    await server.stop();
    await start({ images: true });
    await server.open(uri, "FROM node:");
    assert.deepEqual(
      (await listAt(0, 10)).items.map(({ label }) => label),
      ["24-slim"],
    );
  });

  it("uses what the client can do, and speaks its language", async () => {
    const says = "Says on which port the container listens; -p publishes it";
    await start(
      { suggestCommand: "more", translations: { [says]: "포트" } },
      { textDocument: { completion: { completionItem } } },
    );
    await server.open(uri, "FROM a\n");
    const { items } = await listAt(1, 0);
    const expose = items.find(({ label }) => label === "EXPOSE") as CompletionItem;
    assert.deepEqual([expose.detail, expose.command?.command], ["포트", "more"]);
    assert.ok(items.some(({ insertTextFormat }) => insertTextFormat === 2));
    const resolved = await server.connection.sendRequest<CompletionItem>("completionItem/resolve", expose);
    assert.match(JSON.stringify(resolved.documentation), /포트/);
  });
});

describe("the work of completion", () => {
  it("checks no file and reads no script but those that the answer is about, however long the file is", async () => {
    await prepareLint();
    const linter = new Linter(rules);
    const lines = ["FROM node:24 AS one", "WORKDIR /app", "RUN npm ci"];
    while (lines.length < 3000) lines.push(`RUN echo ${lines.length} && true`, `ENV V${lines.length}=1`);
    const ends = [
      "CO",
      "RUN echo $V",
      "COPY --fr",
      "RUN --mount=type=cache,target=",
      "USER ",
      "EXPOSE ",
      "LABEL ",
      "RUN apt-get install ",
    ];
    for (const end of ends) {
      const text = `${lines.join("\n")}\n${end}`;
      const analysis = new Analysis({ uri, version: 1, getText: () => text }, { linter });
      const { list } = completion(
        analysis,
        { line: lines.length, character: end.length },
        { translate: formatMessage, snippets: true },
      );
      assert.ok(list.items.length > 0 && list.items.length <= 320, end);
      assert.deepEqual(linter.work, { instructions: 0, stages: 0, scripts: 0, rules: 0 }, end);
    }
    const text = `${lines.join("\n")}\nFROM b\nCOPY --from=one /`;
    const analysis = new Analysis({ uri, version: 1, getText: () => text }, { linter });
    completion(analysis, { line: lines.length + 1, character: 17 }, { translate: formatMessage, snippets: true });
    assert.deepEqual(linter.work, { instructions: 0, stages: 0, scripts: 1, rules: 0 });
  });

  const uri = "untitled:Dockerfile";
});
