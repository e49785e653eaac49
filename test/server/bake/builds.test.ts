import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { TextEdit } from "vscode-languageserver";
import { formatMessage } from "../../../engine/base/message.ts";
import { buildCompanion, readBuilds } from "../../../server/bake/companion.ts";
import { KnownDockerfiles } from "../../../server/bake/dockerfiles.ts";
import { readBake } from "../../../server/bake/read.ts";
import { BuildSearch } from "../../../server/bake/search.ts";
import { readCompose } from "../../../server/compose/read.ts";
import { applyEdits } from "../../../server/lint/fixes.ts";
import { readCursor } from "../../support/marks.ts";
import { scratchFolder } from "../../support/scratch.ts";

const dockerfile = `ARG NODE=24
FROM node:$NODE AS Deps
RUN npm ci
FROM Deps AS prod
ARG VERSION
`;

describe("Compose and Bake files", () => {
  const folder = scratchFolder();
  let dockerfiles: KnownDockerfiles;
  beforeEach(() => {
    dockerfiles = new KnownDockerfiles(() => undefined);
    put({ "app/Dockerfile": dockerfile, "app/test.Dockerfile": "FROM a AS unit\n" });
  });

  const put = (files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(folder(), name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  };
  const open = (name: string, marked: string) => {
    const { text, position } = marked.includes("<|>")
      ? readCursor(marked)
      : { text: marked, position: { line: 0, character: 0 } };
    const file = path.join(folder(), name);
    const builds = readBuilds(text, file, name.startsWith("docker-bake") ? "bake" : "compose");
    const uri = pathToFileURL(file).href;
    const companion = buildCompanion({ uri, getText: () => text }, builds, { dockerfiles, translate: formatMessage });
    return { companion, position, text };
  };
  const goTo = (name: string, marked: string) => {
    const { companion, position } = open(name, marked);
    const found = companion.definition?.(position);
    return found && `${path.basename(found.uri)}:${found.range.start.line}:${found.range.start.character}`;
  };
  const problems = (name: string, text: string) =>
    open(name, text)
      .companion.diagnostics()
      .map(({ code, range }) => `${range.start.line} ${code}`);
  const labels = (name: string, marked: string) => {
    const { companion, position } = open(name, marked);
    return companion.completion?.(position).map(({ label }) => label);
  };
  const taken = (name: string, marked: string, label: string) => {
    const { companion, position, text } = open(name, marked);
    const item = companion.completion?.(position).find((one) => one.label === label);
    return item && applyEdits(text, [item.textEdit as TextEdit]);
  };

  const compose = (build: string) => `services:\n  web:\n    build:\n${build.replace(/^/gm, "      ")}\n`;
  const hcl = (build: string) => `target "web" {\n  context = "app"\n${build.replace(/^/gm, "  ")}\n}\n`;

  it("lead to the stage, the argument and the Dockerfile", () => {
    assert.equal(goTo("compose.yaml", compose("context: app\ntarget: pr<|>od")), "Dockerfile:3:13");
    assert.equal(goTo("compose.yaml", compose('context: ./app\ntarget: "deps<|>"')), "Dockerfile:1:19");
    assert.equal(goTo("compose.yaml", compose("context: app\nargs:\n  NO<|>DE: 22")), "Dockerfile:0:4");
    assert.equal(goTo("compose.yaml", compose("context: app\nargs:\n  - VER<|>SION=1")), "Dockerfile:4:4");
    assert.equal(goTo("compose.yaml", compose("context: app\ndockerfile: test.<|>Dockerfile")), "test.Dockerfile:0:0");
    assert.equal(goTo("compose.yaml", "services:\n  web:\n    build: ./a<|>pp\n"), "Dockerfile:0:0");
    assert.equal(goTo("docker-bake.hcl", hcl('target = "pr<|>od"')), "Dockerfile:3:13");
    assert.equal(goTo("docker-bake.hcl", hcl('args = {\n  NO<|>DE = "22"\n  "VERSION" = v\n}')), "Dockerfile:0:4");
    assert.equal(
      goTo("docker-bake.json", '{"target": {"web": {"context": "app", "target": "p<|>rod"}}}'),
      "Dockerfile:3:13",
    );
  });

  it("lead from a group and from inherits to the target", () => {
    const text = 'group "default" { targets = ["we<|>b"] }\ntarget "web" {}\n';
    assert.equal(goTo("docker-bake.hcl", text), "docker-bake.hcl:1:8");
    assert.equal(
      goTo("docker-bake.hcl", 'target "a" {}\ntarget "b" {\n  inherits = ["a<|>"]\n}\n'),
      "docker-bake.hcl:0:8",
    );
  });

  it("take over what a target inherits", () => {
    const text = 'target "base" { context = "app" }\ntarget "web" {\n  inherits = ["base"]\n  target = "pro<|>d"\n}\n';
    assert.equal(goTo("docker-bake.hcl", text), "Dockerfile:3:13");
  });

  it("say what the Dockerfile does not have", () => {
    assert.deepEqual(
      problems("compose.yaml", compose("context: app\ntarget: production\nargs:\n  NODE: 1\n  NODES: 1")),
      ["4 build/unknown-target", "7 build/unknown-arg"],
    );
    assert.deepEqual(problems("compose.yaml", compose("context: nowhere")), ["3 build/dockerfile-missing"]);
    assert.deepEqual(problems("compose.yaml", compose("context: app\ndockerfile: Dockerfile.dev")), [
      "4 build/dockerfile-missing",
    ]);
    assert.deepEqual(problems("docker-bake.hcl", hcl('target = "nope"\nargs = { OTHER = "1" }')), [
      "2 build/unknown-target",
      "3 build/unknown-arg",
    ]);
  });

  it("are silent about what only a run of the tool knows", () => {
    for (const build of [
      `context: app\ntarget: \${STAGE}`,
      `context: \${DIR}`,
      "context: https://example.com/repo.git",
      "context: nowhere\ndockerfile_inline: |\n  FROM a",
      "context: app\nargs:\n  HTTP_PROXY: x\n  BUILDKIT_INLINE_CACHE: 1",
      "context: app\ntarget: 1",
    ]) {
      assert.deepEqual(problems("compose.yaml", compose(build)), [], build);
    }
    assert.deepEqual(problems("compose.yaml", "services:\n  db:\n    image: postgres\n"), []);
    assert.deepEqual(
      problems("docker-bake.hcl", hcl(`target = STAGE\nargs = { NODE = "\${N}", VERSION = join(",", ["a"]) }`)),
      [],
    );
    assert.deepEqual(
      problems(
        "docker-bake.hcl",
        'target "base" { args = { X = 1 } }\ntarget "a" {\n  inherits = ["base"]\n  context = "app"\n}\n',
      ),
      [],
    );
  });

  it("complete stages, arguments and Dockerfiles also while the file is broken", () => {
    assert.deepEqual(labels("compose.yaml", compose("context: app\ntarget: <|>")), ["Deps", "prod"]);
    assert.deepEqual(labels("compose.yaml", compose("context: app\nargs:\n  NODE: 1\n  V<|>")), ["VERSION"]);
    assert.deepEqual(labels("compose.yaml", compose("context: app\nargs:\n- <|>")), ["NODE", "VERSION"]);
    assert.deepEqual(labels("compose.yaml", compose("context: app\ndockerfile: te<|>")), [
      "Dockerfile",
      "test.Dockerfile",
    ]);
    assert.deepEqual(labels("compose.yaml", compose("context: app\nargs:\n  NODE: V<|>")), []);
    assert.deepEqual(labels("docker-bake.hcl", hcl('target = "<|>')), ["Deps", "prod"]);
    assert.deepEqual(taken("docker-bake.hcl", hcl('target = "<|>"'), "prod"), hcl('target = "prod"'));
    // Without quotes it would be a variable.
    assert.deepEqual(taken("docker-bake.hcl", hcl("target = p<|>"), "prod"), hcl('target = "prod"'));
    assert.deepEqual(
      taken("compose.yaml", compose("context: app\ntarget: p<|>"), "prod"),
      compose("context: app\ntarget: prod"),
    );
    assert.deepEqual(labels("docker-bake.hcl", hcl("args = {\n  <|>\n}")), ["NODE", "VERSION"]);
  });

  it("complete in braces, too", () => {
    const flow = (build: string) => `services:\n  web:\n    build: {${build}}\n`;
    assert.deepEqual(labels("compose.yaml", flow("context: app, target: <|>")), ["Deps", "prod"]);
    assert.deepEqual(
      taken("compose.yaml", flow("context: app, target: p<|>"), "prod"),
      flow("context: app, target: prod"),
    );
    assert.deepEqual(labels("compose.yaml", flow("context: app, dockerfile: <|>")), ["Dockerfile", "test.Dockerfile"]);
    assert.deepEqual(labels("docker-bake.hcl", 'target "web" { context = "app", target = "<|>" }\n'), ["Deps", "prod"]);
    const json = '{"target": {"web": {"context": "app", "target": "<|>"}}}';
    assert.deepEqual(labels("docker-bake.json", json), ["Deps", "prod"]);
  });

  it("complete targets in lists of them, but those that stand there", () => {
    const text = (lists: string) =>
      `group "all" {\n  targets = ["a"]\n}\n${lists}\ntarget "a" {}\ntarget "b" {}\ntarget "c" {}\n`;
    const group = (list: string) => text(`group "default" {\n  targets = [${list}]\n}`);
    assert.deepEqual(labels("docker-bake.hcl", group('"<|>"')), ["a", "b", "c", "all"]);
    assert.deepEqual(labels("docker-bake.hcl", group('"a", "<|>", "c"')), ["b", "all"]);
    assert.deepEqual(labels("docker-bake.hcl", group('\n    "a",\n    "<|>"\n  ')), ["b", "c", "all"]);
    assert.deepEqual(taken("docker-bake.hcl", group('"a", <|>'), "b"), group('"a", "b"'));
    assert.deepEqual(labels("docker-bake.hcl", text('target "d" {\n  inherits = ["<|>"]\n}')), ["a", "b", "c"]);
    assert.deepEqual(labels("docker-bake.json", '{"target": {"a": {}, "b": {\n"inherits": ["<|>"]}}}'), ["a"]);
    const other = 'target "web" {\n  tags = ["<|>"]\n}\n';
    assert.ok(!labels("docker-bake.hcl", other)?.includes("web"));
  });

  it("complete folders behind context and build, those with a Dockerfile first", () => {
    put({ "a/x": "", ".git/x": "", "app/sub/x": "" });
    assert.deepEqual(labels("compose.yaml", "services:\n  web:\n    build: <|>\n"), [".", "app", "a"]);
    assert.deepEqual(labels("compose.yaml", "services:\n  web:\n    build: ./app/<|>\n"), ["sub"]);
    assert.deepEqual(labels("compose.yaml", compose("context: a<|>")), [".", "app", "a"]);
    assert.deepEqual(
      taken("compose.yaml", compose("context: ./a<|>\ntarget: x"), "app"),
      compose("context: ./app\ntarget: x"),
    );
    assert.deepEqual(
      taken("docker-bake.hcl", 'target "a" {\n  context = <|>\n}\n', "app"),
      'target "a" {\n  context = "app"\n}\n',
    );
    assert.deepEqual(labels("docker-bake.hcl", 'target "a" {\n  context = "nowhere/<|>"\n}\n'), []);
  });

  it("show what a target is", async () => {
    const { companion, position } = open("compose.yaml", compose("context: app\ntarget: dep<|>s"));
    assert.match(JSON.stringify(await companion.hover?.(position)), /Stage Deps: FROM `node:\$NODE`, steps: 1/);
  });

  it("are found for a stage and an argument, and read once", async () => {
    put({
      "compose.yaml": compose("context: app\ntarget: deps\nargs:\n  NODE: 1"),
      "sub/docker-bake.hcl": 'target "a" {\n  context = "../app"\n  target = "deps"\n}\n',
      "node_modules/compose.yaml": compose("context: ../app\ntarget: deps"),
    });
    const search = new BuildSearch();
    const file = path.join(folder(), "app", "Dockerfile");
    const names = dockerfiles.of(file);
    assert.ok(names);
    const around = { folders: [folder()], textOf: () => undefined, isCancelled: () => false };
    const ask = async (kind: "stage" | "arg", name: string) =>
      (await search.uses({ dockerfile: file, names, kind, name }, around)).map(
        ({ uri, range }) => `${path.basename(uri)}:${range.start.line}`,
      );
    assert.deepEqual(await ask("stage", "Deps"), ["compose.yaml:4", "docker-bake.hcl:2"]);
    assert.deepEqual(await ask("arg", "NODE"), ["compose.yaml:6"]);
    assert.deepEqual(await ask("stage", "prod"), []);
    assert.equal(search.reads, 2);
  });

  it("are read however broken they are", () => {
    const whole = `${hcl('target = "a"\nargs = { A = [1, {b = "x"}], "C" = <<EOF\nx\nEOF\n}')}${compose("args:\n - a\n - b")}`;
    for (let end = 0; end <= whole.length; end += 1) {
      for (const text of [whole.slice(0, end), whole.slice(end)]) {
        readBake(text, false);
        readBake(text, true);
        readCompose(text);
      }
    }
    const deep = `x = ${"[".repeat(50_000)}`;
    assert.deepEqual(readBake(deep, false).builds, []);
  });
});
