import assert from "node:assert/strict";
import { type Digest, digestOf } from "../../../engine/base/digest.ts";
import { mountsContent, needsContent, vertexKey } from "../../../engine/cache/keys.ts";
import type { BuildGraph } from "../../../engine/graph/graph.ts";
import { inputsOf } from "../../../engine/graph/inputs.ts";
import type { LowerOptions } from "../../../engine/graph/lower.ts";
import { baseImage, graphOf } from "../../support/lowered.ts";

/** Keys of all steps; `content` stands for the files that a COPY takes. */
function keysOf({ vertices }: BuildGraph, content = "files"): Digest[] {
  const keys: Digest[] = [];
  for (const vertex of vertices) {
    const inputs = inputsOf(vertex.op).map((id) => keys[id] ?? digestOf("missing"));
    keys.push(vertexKey(vertex, inputs, needsContent(vertex.op) ? digestOf(content) : undefined));
  }
  return keys;
}

/** Whether the last steps of two files are one step. */
function same(one: string, two: string, options: [Partial<LowerOptions>?, Partial<LowerOptions>?] = []): boolean {
  const [a, b] = [one, two].map((lines, index) => keysOf(graphOf(`FROM base\n${lines}\n`, options[index])).at(-1));
  return a === b;
}

describe("vertexKey", () => {
  // The reference's own behaviour, as measured; one row, one change between two builds.
  const table: readonly [what: string, hit: boolean, one: string, two: string][] = [
    ["comments and blank lines", true, "RUN a", "# c\n\nRUN a"],
    ["a continuation", true, "RUN a b", "RUN a \\\nb"],
    ["blanks in a command", false, "RUN a b", "RUN a  b"],
    ["exec form of the same", true, "RUN a", 'RUN ["/bin/sh", "-c", "a"]'],
    ["another SHELL", false, "RUN a", 'SHELL ["/bin/bash", "-c"]\nRUN a'],
    ["metadata before a command", true, "RUN a", "LABEL x=1\nCMD y\nEXPOSE 1\nVOLUME /v\nRUN a"],
    ["ENV before a command", false, "ENV A=1\nRUN a", "ENV A=2\nRUN a"],
    ["ENV before a copy", true, "ENV A=1\nCOPY a /b", "ENV A=2\nCOPY a /b"],
    ["the order of ENV", false, "ENV A=1 B=2\nRUN a", "ENV B=2 A=1\nRUN a"],
    ["USER before a command", false, "RUN a", "USER u\nRUN a"],
    ["USER before a copy", true, "COPY a /b", "USER u\nCOPY a /b"],
    ["WORKDIR before an absolute copy", false, "WORKDIR /a\nCOPY a /b", "WORKDIR /c\nCOPY a /b"],
    ["an ARG without value", true, "RUN a", "ARG X\nRUN a"],
    ["an ARG with a value", false, "RUN a", "ARG X=1\nRUN a"],
    ["an ARG behind the command", true, "RUN a", "RUN a\nARG X=1"],
    ["the folder of a source", true, "COPY d1/a /x", "COPY d2/a /x"],
    ["the name of a source", false, "COPY a1 /x", "COPY a2 /x"],
    ["the order of sources", false, "COPY a b /x/", "COPY b a /x/"],
    ["the destination", false, "COPY a /x", "COPY a /x/"],
    ["--chmod", false, "COPY a /x", "COPY --chmod=600 a /x"],
    ["--chown", false, "COPY a /x", "COPY --chown=0:0 a /x"],
    ["--link", false, "COPY a /x", "COPY --link a /x"],
    ["--network", false, "RUN a", "RUN --network=none a"],
    ["the order of copies", false, "COPY a /x\nCOPY b /y", "COPY b /y\nCOPY a /x"],
    ["the text of a heredoc", false, "COPY <<a /x\n1\na", "COPY <<a /x\n2\na"],
    [
      "a stage's name",
      true,
      "FROM base AS s\nFROM base\nCOPY --from=s /a /b",
      "FROM base AS t\nFROM base\nCOPY --from=t /a /b",
    ],
  ];
  for (const [what, hit, one, two] of table) {
    it(`${hit ? "does not see" : "sees"} ${what}`, () => assert.equal(same(one, two), hit));
  }

  const mount = (one: string) => `RUN --mount=${one} a`;
  const mounts: readonly [what: string, hit: boolean, one: string, two: string][] = [
    ["a mount", false, "RUN a", mount("target=/t")],
    ["the target of a bind", false, mount("target=/t"), mount("target=/u")],
    ["the source of a bind with the same content", true, mount("source=a,target=/t"), mount("source=b,target=/t")],
    ["rw", false, mount("target=/t"), mount("target=/t,rw")],
    ["the id of a cache", true, mount("type=cache,target=/t,id=a"), mount("type=cache,target=/t,id=b")],
    ["an id for a cache that had none", true, mount("type=cache,target=/t"), mount("type=cache,target=/t,id=b")],
    ["how a cache is shared", true, mount("type=cache,target=/t"), mount("type=cache,target=/t,sharing=locked")],
    ["the target of a cache", false, mount("type=cache,target=/t"), mount("type=cache,target=/u")],
    ["a cache that is read only", false, mount("type=cache,target=/t"), mount("type=cache,target=/t,ro")],
    ["the owner of a cache", false, mount("type=cache,target=/t"), mount("type=cache,target=/t,uid=1")],
    ["what a cache begins with", false, mount("type=cache,target=/t"), mount("type=cache,target=/t,from=base")],
    ["the size of a tmpfs", false, mount("type=tmpfs,target=/t"), mount("type=tmpfs,target=/t,size=1m")],
    ["the id of a secret", false, mount("type=secret,id=a,target=/t"), mount("type=secret,id=b,target=/t")],
    ["the owner of a secret", false, mount("type=secret,id=a"), mount("type=secret,id=a,uid=1")],
    ["the mode of a secret", false, mount("type=secret,id=a"), mount("type=secret,id=a,mode=444")],
    ["the variable of a secret", false, mount("type=secret,id=a"), mount("type=secret,id=a,env=A")],
    ["that a secret is required", false, mount("type=secret,id=a"), mount("type=secret,id=a,required")],
    ["an ssh mount", false, "RUN a", mount("type=ssh")],
    ["the id of an ssh mount", false, mount("type=ssh"), mount("type=ssh,id=b")],
    [
      "the order of mounts",
      true,
      "RUN --mount=type=tmpfs,target=/t --mount=type=secret,id=s a",
      "RUN --mount=type=secret,id=s --mount=type=tmpfs,target=/t a",
    ],
  ];
  for (const [what, hit, one, two] of mounts) {
    it(`${hit ? "does not see" : "sees"} ${what}`, () => assert.equal(same(one, two), hit));
  }

  it("sees what mounts take, and nothing of a stage beside it", () => {
    const text = "FROM base AS s\nRUN one\nFROM base\nRUN --mount=from=s,target=/t a\n";
    const keyOf = (stage: string, content?: string) => {
      const { vertices } = graphOf(text);
      const run = vertices.at(-1);
      assert.ok(run);
      const inputs = [digestOf("parent"), digestOf(stage)];
      return vertexKey(run, inputs, content === undefined ? undefined : mountsContent([digestOf(content)]));
    };
    assert.equal(keyOf("stage", "files"), keyOf("rebuilt", "files"));
    assert.notEqual(keyOf("stage", "files"), keyOf("stage", "others"));
    // Without its content the stage stands for it.
    assert.notEqual(keyOf("stage"), keyOf("rebuilt"));
    const [context] = graphOf("FROM base\nRUN --mount=target=/t a\n").vertices.slice(-1);
    assert.ok(context && needsContent(context.op));
    assert.throws(() => vertexKey(context, [digestOf("parent")]));
  });

  it("sees the sandbox that a request asks for, but not where extra hosts are", () => {
    const given = (run: LowerOptions["run"]) => (run === undefined ? {} : { run });
    const hit = (one: LowerOptions["run"], two: LowerOptions["run"], line = "RUN a") =>
      same(line, line, [given(one), given(two)]);
    const hosts = (...extraHosts: string[]) => ({ host: { extraHosts } });
    const limit = (soft: number) => ({ host: { ulimits: [{ name: "nofile", soft, hard: 9 }] } });
    assert.equal(hit({}, { host: {}, allow: ["network.host"] }), true);
    assert.equal(hit({}, { network: "none" }), false);
    assert.equal(hit({}, hosts("a:1.1.1.1")), false);
    assert.equal(hit(hosts("a:1.1.1.1"), hosts("a:2.2.2.2")), true);
    assert.equal(hit(hosts("a:::1"), hosts("b:::1")), false);
    assert.equal(hit({}, { host: { shmSizeBytes: 1 } }), false);
    assert.equal(hit(limit(1), limit(2)), false);
    const insecure = { allow: ["security.insecure"] };
    assert.equal(same("RUN a", "RUN --security=insecure a", [given(insecure), given(insecure)]), false);
    assert.equal(same("RUN a", "RUN --security=sandbox a"), true);
    assert.equal(hit(hosts("a:1.1.1.1"), {}, "COPY a /b"), true);
  });

  it("sees build arguments that are declared, not their origin, and no proxies", () => {
    const given = (value: string) => ({ buildArgs: { X: value, HTTP_PROXY: value } });
    assert.equal(same("ARG X=1\nRUN a", "ARG X=1\nRUN a", [{}, { buildArgs: { X: "1" } }]), true);
    assert.equal(same("ARG X\nRUN a", "ARG X\nRUN a", [given("1"), given("2")]), false);
    assert.equal(same("RUN a", "RUN a", [given("1"), given("2")]), true);
    assert.equal(same("ARG HTTP_PROXY\nRUN a", "ARG HTTP_PROXY\nRUN a", [given("1"), given("2")]), false);
  });

  it("sees the layers of a base image and nothing else of it", () => {
    const moved = { images: new Map([["base", { ...baseImage({ Labels: { a: "b" } }), id: digestOf("other") }]]) };
    const changed = {
      images: new Map([["base", baseImage({}, { rootfs: { type: "layers", diff_ids: [digestOf("l")] } })]]),
    };
    assert.equal(same("RUN a", "RUN a", [{}, moved]), true);
    assert.equal(same("RUN a", "RUN a", [{}, changed]), false);
  });

  it("sees the content of what is copied, and everything before it", () => {
    const graph = graphOf("FROM base\nCOPY a /a\nRUN b\n");
    const [base, copy, run] = keysOf(graph, "one");
    const [sameBase, otherCopy, otherRun] = keysOf(graph, "two");
    assert.equal(base, sameBase);
    assert.ok(copy !== otherCopy && run !== otherRun);
  });

  it("can take a stage for the content of its files, or the files alone", () => {
    const { vertices } = graphOf("FROM base AS a\nRUN make\nFROM base\nCOPY --from=a /x /y\n");
    const copy = vertices.at(-1);
    assert.ok(copy);
    const parent = digestOf("parent");
    const [stage, rebuilt] = [digestOf("stage"), digestOf("rebuilt")];
    assert.notEqual(vertexKey(copy, [parent, stage]), vertexKey(copy, [parent, rebuilt]));
    const files = digestOf("files");
    assert.equal(vertexKey(copy, [parent, stage], files), vertexKey(copy, [parent, rebuilt], files));
  });

  it("is written so that no two operations look alike", () => {
    assert.equal(same('RUN ["a", "b c"]', 'RUN ["a", "b", "c"]'), false);
    assert.equal(same("RUN a", "COPY a /a"), false);
  });

  it("stays what it is: changing this value throws every user's cache away", () => {
    assert.equal(
      keysOf(graphOf("FROM scratch\nENV A=1\nRUN x\nCOPY a /b\n")).at(-1),
      "sha256:a7646512e7dcffd7f24630a64d94d1e73f7959c194a2044843352525501c3336",
    );
  });
});
