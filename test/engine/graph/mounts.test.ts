// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import assert from "node:assert/strict";
import { digestOf } from "../../../engine/base/digest.ts";
import { parseSizeBytes } from "../../../engine/base/size.ts";
import { parse } from "../../../engine/dockerfile/parse.ts";
import type { RunMount } from "../../../engine/graph/graph.ts";
import { basesOf, type LowerOptions } from "../../../engine/graph/lower.ts";
import { baseImage, graphOf, platform, problemsOf, runsOf } from "../../support/lowered.ts";
import { readMarks } from "../../support/marks.ts";

/** The mounts of the last RUN, without their places. */
function mountsOf(lines: string, options: Partial<LowerOptions> = {}): object[] {
  const mounts = runsOf(graphOf(`FROM base\n${lines}\n`, options)).at(-1)?.mounts ?? [];
  return mounts.map(({ range: _, ...mount }: RunMount) => mount);
}

describe("RUN --mount", () => {
  const context = { kind: "context" };
  const bind = { kind: "bind", target: "/t", from: context, source: "/", writable: false };
  const cache = { kind: "cache", target: "/t", id: "/t", source: "/", sharing: "shared", writable: true };
  const secret = { kind: "secret", id: "a", target: "/run/secrets/a", required: false, mode: 0o400, uid: 0, gid: 0 };
  const ssh = {
    kind: "ssh",
    id: "default",
    target: "/run/buildkit/ssh_agent.0",
    required: false,
    mode: 0o600,
    uid: 0,
    gid: 0,
  };

  const table: readonly [mount: string, expected: object][] = [
    ["target=/t", bind],
    ["type=bind,dst=/t,source=a/../b", { ...bind, source: "/b" }],
    ["TYPE=BIND,Destination=/t//u/.,src=/x,rw", { ...bind, target: "/t/u", source: "/x", writable: true }],
    ["target=/t,rw=false", bind],
    ["target=/t,readwrite", { ...bind, writable: true }],
    ["target=/t,ro=0", { ...bind, writable: true }],
    ["target=/t,readonly", bind],
    ["type=cache,target=/t", cache],
    ["type=cache,target=/t/", cache],
    ["type=cache,target=/t,id=i,sharing=LOCKED,ro", { ...cache, id: "i", sharing: "locked", writable: false }],
    [
      "type=cache,target=/t,uid=1,gid=2,mode=0700,sharing=private",
      { ...cache, sharing: "private", uid: 1, gid: 2, mode: 0o700 },
    ],
    ["type=tmpfs,target=/t", { kind: "tmpfs", target: "/t" }],
    ["type=tmpfs,target=/t,size=1.5m", { kind: "tmpfs", target: "/t", sizeBytes: 1572864 }],
    ["type=secret,id=a", secret],
    ["type=secret,source=a", secret],
    ["type=secret,target=/x/a", { ...secret, target: "/x/a" }],
    ["type=secret,id=a,target=b/c,required", { ...secret, target: "/w/b/c", required: true }],
    ["type=secret,id=x/a,required=false", { ...secret, id: "x/a" }],
    ["type=secret,id=a,mode=444,uid=5,gid=6", { ...secret, mode: 0o444, uid: 5, gid: 6 }],
    ["type=secret,id=a,env=A", { kind: "secret", id: "a", env: "A", required: false, mode: 0o400, uid: 0, gid: 0 }],
    ["type=secret,id=a,env=A,target=/f", { ...secret, env: "A", target: "/f" }],
    ["type=ssh", ssh],
    [
      "type=ssh,id=b,required=true,mode=0666,uid=3,gid=4,target=/s",
      {
        ...{ kind: "ssh", id: "b", target: "/s", required: true, mode: 0o666, uid: 3, gid: 4 },
      },
    ],
    ["source=a", { ...bind, target: "/w", source: "/a" }],
    ["target=t", { ...bind, target: "/w/t" }],
    ["type=cache,target=t", { ...cache, target: "/w/t", id: "t" }],
    ["target=/t,target=/u", { ...bind, target: "/u" }],
    ['target=/t,\\"source=a,b\\"', { ...bind, source: "/a,b" }],
    [`'target=/t,"source=a""b,c"""'`, { ...bind, source: "/ab,c" }],
  ];
  for (const [mount, expected] of table) {
    it(`reads ${mount}`, () => assert.deepEqual(mountsOf(`WORKDIR /w\nRUN --mount=${mount} x`), [expected]));
  }

  it("expands what stands before it, but not from=", () => {
    const lines = "ARG T=cache\nENV D=/d\nRUN --mount=type=$T,target=${D}/x,id=${I:-i} x";
    assert.deepEqual(mountsOf(lines), [{ ...cache, target: "/d/x", id: "i" }]);
    assert.deepEqual(mountsOf("ENV D=/d\nRUN --mount=type=cache,target=$D,id='$D'/$D x").length, 1);
  });

  it("puts the cache's namespace before its name", () => {
    const options = { buildArgs: { BUILDKIT_CACHE_MOUNT_NS: "ns" } };
    assert.deepEqual(mountsOf("RUN --mount=type=cache,target=/t,id=i x", options), [{ ...cache, id: "ns/i" }]);
  });

  it("is ordered by target, so that folders come before what is in them", () => {
    const targets = mountsOf(
      "RUN --mount=type=ssh --mount=type=tmpfs,target=/b/c --mount=target=/b --mount=type=ssh,id=x --mount=type=secret,id=e,env=E x",
    ).map((mount) => ("target" in mount ? mount.target : ""));
    assert.deepEqual(targets, ["/b", "/b/c", "/run/buildkit/ssh_agent.0", "/run/buildkit/ssh_agent.1", ""]);
  });

  it("takes from stages and images, which the build then needs", () => {
    const images = new Map([
      ["base", baseImage()],
      ["tools:1", baseImage({}, { rootfs: { type: "layers", diff_ids: [digestOf("layer")] } })],
    ]);
    const text = [
      "FROM base AS unused",
      "RUN no",
      "FROM base AS Made",
      "RUN made",
      "FROM base",
      "RUN --mount=from=made,target=/a --mount=from=tools:1,source=/b,target=/b --mount=from=scratch,target=/c --mount=type=cache,from=made,target=/d x",
      "",
    ].join("\n");
    const graph = graphOf(text, { images });
    assert.deepEqual(
      graph.vertices.map((vertex) => vertex.text.replace(/ --mount.*/, "")),
      ["FROM base AS Made", "RUN made", "FROM tools:1", "FROM scratch", "RUN"],
    );
    const froms = (runsOf(graph).at(-1)?.mounts ?? []).map((mount) => ("from" in mount ? mount.from : undefined));
    assert.deepEqual(
      froms,
      [1, 2, 3, 1].map((vertex) => ({ kind: "vertex", vertex })),
    );
    assert.deepEqual(
      basesOf(parse(text), { platform }).references.map(({ key }) => key),
      ["base", "tools:1"],
    );
  });

  it("may stand in a trigger of the base image", () => {
    const base = baseImage({ OnBuild: ["RUN --mount=type=cache,target=/t x"] });
    const [run] = runsOf(graphOf("FROM base\n", { images: new Map([["base", base]]) }));
    assert.equal(run?.mounts?.[0]?.kind, "cache");
    const bad = baseImage({ OnBuild: ["RUN --mount=type=none x"] });
    const [problem] = problemsOf("FROM base\n", { images: new Map([["base", bad]]) });
    assert.deepEqual(problem?.range.start, { line: 0, character: 0 });
  });

  describe("is refused at its words", () => {
    const marked: readonly string[] = [
      "RUN --mount=type=disk,target=/t x\n#                ^^^^",
      "RUN --mount=type=cache,target=/t,sharing=all x\n#                                        ^^^",
      "RUN --mount=target=/t,sharing=locked x\n#           ^^^^^^^^^^^^^^^^^^^^^^^^",
      "RUN --mount=target=/t,colour=red x\n#                     ^^^^^^^^^^",
      "RUN --mount=target=/t,source x\n#                     ^^^^^^",
      "RUN --mount=target=/t,,rw x\n#                     ",
      "RUN --mount=target=/t,ro=maybe x\n#                        ^^^^^",
      "RUN --mount=target=/t,required x\n#                     ^^^^^^^^",
      "RUN --mount=required,type=secret,id=a x\n#           ^^^^^^^^",
      "RUN --mount=type=cache,target=/t,size=1m x\n#                                ^^^^^^^",
      "RUN --mount=type=tmpfs,target=/t,size=big x\n#                                     ^^^",
      "RUN --mount=target=/t,uid=1 x\n#           ^^^^^^^^^^^^^^^",
      "RUN --mount=type=cache,target=/t,uid=app x\n#                                    ^^^",
      "RUN --mount=type=cache,target=/t,mode=999 x\n#                                     ^^^",
      "RUN --mount=type=cache,target=/t,gid=4294967296 x\n#                                    ^^^^^^^^^^",
      "RUN --mount=type=cache,target=/t,env=A x\n#                                ^^^^^",
      "RUN --mount=type=secret,id=a,env= x\n#                            ^^^^",
      "RUN --mount=type=secret x\n#           ^^^^^^^^^^^",
      "RUN --mount=type=secret,id=a,source=b x\n#           ^^^^^^^^^^^^^^^^^^^^^^^^^",
      "RUN --mount=type=secret,id=a,from=base x\n#           ^^^^^^^^^^^^^^^^^^^^^^^^^^",
      "RUN --mount=type=ssh,source=a x\n#           ^^^^^^^^^^^^^^^^^",
      "RUN --mount=type=cache x\n#           ^^^^^^^^^^",
      "RUN --mount=target=/t/.. x\n#           ^^^^^^^^^^^^",
      "RUN --mount=target=/t,from=$X x\n#                          ^^",
      "RUN --mount=target=/t,from=0 x\n#                          ^",
      "RUN --mount='target=/t,\"source=a' x\n#                      ^^^^^^^^^",
      "RUN --mount='target=/t,a\"b' x\n#                      ^^^",
      "RUN --mount=type=cache,\\\ntarget=/t,sharing=none x\n#                 ^^^^",
    ];
    for (const line of marked) {
      it(line.split("\n")[0] ?? "", () => {
        const { text, ranges } = readMarks(`FROM base\n${line}\n`);
        const problems = problemsOf(text);
        assert.match(problems.map(({ code }) => code).join(), /^(?:build|syntax)\/mount$/);
        if (ranges.length > 0) assert.deepEqual(problems[0]?.range, ranges[0]);
      });
    }
    it("when a variable cannot be expanded", () => {
      assert.deepEqual(
        problemsOf("FROM base\nRUN --mount=target=${x:?no} x\n").map(({ code }) => code),
        ["build/variable"],
      );
    });
  });

  it("says every mistake of a RUN", () => {
    const codes = problemsOf("FROM base\nRUN --mount=type=a --mount=type=cache --device=x y\n").map(({ code }) => code);
    assert.deepEqual(codes, ["unsupported/run-device", "build/mount", "build/mount"]);
  });
});

describe("what a request says of RUN", () => {
  const run = (lines: string, request: LowerOptions["run"]) =>
    runsOf(graphOf(`FROM base\n${lines}\n`, request === undefined ? {} : { run: request })).at(-1);

  it("is the network of steps that do not choose one", () => {
    assert.equal(run("RUN x", { network: "none" })?.network, "none");
    assert.equal(run("RUN --network=default x", { network: "none" })?.network, "none");
    assert.equal(run("RUN --network=none x", { network: "host" })?.network, "none");
  });

  it("is what it allows", () => {
    assert.equal(run("RUN --network=host x", {})?.network, "host");
    assert.equal(run("RUN --network=host x", { network: "host" })?.network, "host");
    assert.equal(run("RUN --security=insecure x", { allow: ["security.insecure"] })?.security, "insecure");
    assert.equal(run("RUN --security=sandbox x", {})?.security, undefined);
  });

  it("is the sandbox", () => {
    const host = { extraHosts: ["a:1.2.3.4"], shmSizeBytes: 1, ulimits: [{ name: "nofile", soft: 1, hard: 2 }] };
    assert.deepEqual(run("RUN x", { host })?.host, host);
    assert.equal(run("RUN x", undefined)?.host, undefined);
  });
});

describe("sizes", () => {
  it("are read as Docker reads them", () => {
    const sizes = { "5": 5, "1k": 1024, "1KB": 1024, "2 MiB": 2 ** 21, "0.5g": 2 ** 29, "1b": 1 };
    for (const [text, size] of Object.entries(sizes)) assert.equal(parseSizeBytes(text), size, text);
    for (const text of ["", "k", "-1", "1x", "1 k b", "9999999p"]) assert.equal(parseSizeBytes(text), undefined, text);
  });
});
