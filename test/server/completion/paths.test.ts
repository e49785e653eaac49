import assert from "node:assert/strict";
import { prepareLint } from "../../../server/lint/lint.ts";
import { labels, taken } from "../../support/complete.ts";

const files = {
  "package.json": "{}",
  "src/index.js": "",
  "src/lib/deep/a.js": "",
  "my file.txt": "",
  ".env": "",
  "node_modules/x/index.js": "",
  ".dockerignore": "node_modules\nsrc/lib/*\n!src/lib/deep\n",
};

describe("completion of paths", () => {
  before(() => prepareLint());

  it("lists the context's folders as they are typed, without what is ignored, hidden files last", () => {
    assert.deepEqual(labels("FROM a\nCOPY <|>", { files }), [
      "my file.txt",
      "package.json",
      "src/",
      ".dockerignore",
      ".env",
      ".",
    ]);
    assert.deepEqual(labels("FROM a\nCOPY src/<|> .", { files }), ["index.js", "lib/"]);
    assert.deepEqual(labels("FROM a\nCOPY ./src/lib/<|> .", { files }), ["deep/"]);
    assert.deepEqual(labels("FROM a\nCOPY ../src/<|> .", { files }), ["index.js", "lib/"]);
    assert.deepEqual(labels("FROM a\nCOPY nothing/<|> .", { files }), ["."].slice(1));
    assert.ok(labels("FROM a\nCOPY package.json s<|> ./", { files }).includes("src/"));
    assert.deepEqual(labels("FROM a\nCOPY --chown=a:b src/i<|> .", { files }), ["index.js", "lib/"]);
    assert.deepEqual(labels("FROM a\nADD src/<|> .", { files }), ["index.js", "lib/"]);
    assert.deepEqual(labels("FROM a\nCOPY a \\\n  src/<|> .", { files }), ["index.js", "lib/"]);
  });

  it("replaces the part of the path that is typed, with a wildcard for a blank, which would end the word", () => {
    assert.equal(taken("FROM a\nCOPY src/in<|> .", "index.js", { files }), "FROM a\nCOPY src/index.js .");
    assert.equal(taken("FROM a\nCOPY src/in<|>dx.js .", "index.js", { files }), "FROM a\nCOPY src/index.js .");
    assert.equal(taken("FROM a\nCOPY s<|>rc/index.js .", "src/", { files }), "FROM a\nCOPY src/index.js .");
    assert.equal(taken("FROM a\nCOPY m<|> .", "my file.txt", { files }), "FROM a\nCOPY my?file.txt .");
  });

  it("knows the JSON form", () => {
    assert.equal(taken('FROM a\nCOPY ["p<|>", "."]', "package.json", { files }), 'FROM a\nCOPY ["package.json", "."]');
    assert.equal(taken('FROM a\nCOPY ["m<|>", "."]', "my file.txt", { files }), 'FROM a\nCOPY ["my file.txt", "."]');
    assert.ok(labels('FROM a\nWORKDIR /w\nCOPY ["a", "<|>"]', { files }).includes("/w/"));
  });

  it("offers the destination behind a source: what the image serves, the working folder, other ones", () => {
    assert.deepEqual(labels("FROM nginx:1\nCOPY a /<|>").slice(0, 2), ["/usr/share/nginx/html/", "/etc/nginx/conf.d/"]);
    assert.deepEqual(labels("FROM a\nWORKDIR /srv\nCOPY a <|>").slice(0, 2), ["./", "/srv/"]);
  });

  it("says nothing of the context when it is not known", () => {
    assert.deepEqual(labels("FROM a\nCOPY src/<|> ."), []);
  });
});

describe("completion of the files of a stage", () => {
  before(() => prepareLint());

  const stage =
    "FROM node:24 AS build\nWORKDIR /app\nCOPY package.json ./\nCOPY src ./src\nRUN npm ci && npm run build\n";

  it("follows WORKDIR, COPY, and what well-known commands leave behind", () => {
    const end = `${stage}FROM a\nCOPY --from=build `;
    assert.deepEqual(labels(`${end}/app/<|>`, { files }), ["dist/", "build/", "node_modules/", "src/", "package.json"]);
    assert.deepEqual(labels(`${end}/app/src/<|>`, { files }), ["index.js", "lib/"]);
    assert.ok(labels(`${end}<|>`, { files }).includes("/app/dist/"));
    assert.equal(taken(`${end}/app/d<|>`, "dist/", { files }), `${end}/app/dist/`);
    assert.ok(labels(`${end}/<|>`, { files }).includes("app/"));
  });

  it("follows stages that it is built from, numbers, and names in any case", () => {
    assert.ok(labels(`${stage}FROM build AS more\nFROM a\nCOPY --from=MORE /app/<|>`, { files }).includes("dist/"));
    assert.ok(labels(`${stage}FROM a\nCOPY --from=0 /app/<|>`, { files }).includes("dist/"));
    assert.ok(
      labels("FROM golang AS b\nRUN go build -o /out/server .\nFROM a\nCOPY --from=b /out/<|>").includes("server"),
    );
    assert.deepEqual(labels("FROM a\nCOPY --from=nginx /etc/<|>"), []);
  });
});
