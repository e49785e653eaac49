import assert from "node:assert/strict";
import { prepareLint } from "../../../server/lint/lint.ts";
import { complete, labels, taken } from "../../support/complete.ts";

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

  it("writes names with brackets and blanks as patterns for COPY, and as they are for mounts", () => {
    const odd = { "app/[id]/page.js": "", "my dir/a": "" };
    const mount = "FROM a\nRUN --mount=type=bind,source=";
    assert.equal(taken("FROM a\nCOPY app/<|> .", "[id]/", { files: odd }), "FROM a\nCOPY app/[[]id]/ .");
    assert.equal(taken('FROM a\nCOPY ["app/<|>", "."]', "[id]/", { files: odd }), 'FROM a\nCOPY ["app/[[]id]/", "."]');
    assert.equal(taken(`${mount}app/<|>,target=/x`, "[id]/", { files: odd }), `${mount}app/[id]/,target=/x`);
    assert.equal(taken(`${mount}my<|>,target=/x`, "my dir/", { files: odd }), `${mount}my\\ dir/,target=/x`);
    assert.deepEqual(labels("FROM a\nCOPY app/[[]id]/<|> .", { files: odd }), ["page.js"]);
    assert.deepEqual(labels("FROM a\nCOPY my?dir/<|> .", { files: odd }), ["a"]);
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

  const images = {
    images: [],
    tags: () => [],
    files: (image: string, folder: string) => content[`${image} ${folder}`]?.map(entryOf),
  };
  const content: Readonly<Record<string, readonly string[]>> = {
    "nginx:1 /": ["etc/", "usr/", "entry.sh"],
    "nginx:1 /etc/": ["nginx/", "passwd", "a b"],
    "node:24 /": ["bin/", "app/"],
    "node:24 /app/": ["package.json", "from-image.txt"],
  };
  const entryOf = (name: string) => ({ name: name.replace(/\/$/, ""), isFolder: name.endsWith("/") });

  it("looks into an image that the engine has", () => {
    const end = "FROM a\nCOPY --from=nginx:1 ";
    assert.deepEqual(labels(`${end}/etc/<|>`, { images }), ["nginx/", "passwd", "a b"]);
    assert.deepEqual(labels(`${end}etc/<|>`, { images }), ["nginx/", "passwd", "a b"]);
    assert.deepEqual(labels(`${end}<|>`, { images }), ["/etc/", "/usr/", "/entry.sh"]);
    assert.equal(taken(`${end}/etc/pa<|> .`, "passwd", { images }), `${end}/etc/passwd .`);
    assert.equal(taken(`${end}/etc/<|> .`, "a b", { images }), `${end}/etc/a?b .`);
    assert.equal(taken(`${end}e<|> .`, "/etc/", { images }), `${end}/etc/ .`);
    const mount = "FROM a\nRUN --mount=type=bind,from=nginx:1,source=";
    assert.deepEqual(labels(`${mount}/etc/<|>`, { images }), ["nginx/", "passwd", "a b"]);
  });

  it("wants a folder of an image that it does not know yet, and never one of a stage below or through a variable", () => {
    const { wants, list } = complete("FROM a\nCOPY --from=nginx:1 /usr/li<|>", { images });
    assert.deepEqual([wants, list.isIncomplete], [{ files: { image: "nginx:1", folder: "/usr/" } }, true]);
    assert.equal(complete("FROM a\nCOPY --from=nginx:1 /usr/<|>").wants, undefined);
    for (const from of ["later", "$X", "1", "7"])
      assert.equal(complete(`FROM a\nCOPY --from=${from} /usr/<|>\nFROM b AS later`, { images }).wants, undefined);
  });

  it("shows what a stage makes before what its base image has", () => {
    const end = `${stage}FROM a\nCOPY --from=build `;
    const found = labels(`${end}/app/<|>`, { files, images });
    assert.deepEqual(found.slice(-3), ["src/", "package.json", "from-image.txt"]);
    assert.deepEqual(labels(`${end}/<|>`, { files, images }), ["app/", "bin/"]);
    assert.deepEqual(labels(`${end}<|>`, { files, images }).slice(-2), ["/app/", "/bin/"]);
    const more = `ARG BASE=node:24\nFROM $BASE AS one\nFROM one AS build\nFROM a\nCOPY --from=build /app/<|>`;
    assert.deepEqual(labels(more, { images }), ["package.json", "from-image.txt"]);
    assert.deepEqual(complete(`${end}/usr/<|>`, { images }).wants?.files, { image: "node:24", folder: "/usr/" });
    assert.equal(complete("FROM scratch AS b\nFROM a\nCOPY --from=b /<|>", { images }).wants, undefined);
  });
});
