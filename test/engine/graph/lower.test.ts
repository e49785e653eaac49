// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import assert from "node:assert/strict";
import { digestOf } from "../../../engine/base/digest.ts";
import { parse } from "../../../engine/dockerfile/parse.ts";
import { basesOf } from "../../../engine/graph/lower.ts";
import { baseImage, copiesOf, graphOf, platform, problemsOf, runsOf } from "../../support/lowered.ts";
import { readMarks } from "../../support/marks.ts";

const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

describe("lower", () => {
  describe("stages", () => {
    it("carries out only what the target needs, inputs first", () => {
      const text = "FROM base AS a\nRUN one\nFROM base AS b\nRUN two\nFROM base AS c\nCOPY --from=a /x /y\n";
      const { vertices, result } = graphOf(text);
      assert.deepEqual(
        vertices.map((vertex) => vertex.text),
        ["FROM base AS a", "RUN one", "COPY --from=a /x /y"],
      );
      assert.equal(result, 2);
      assert.deepEqual(
        graphOf(text, { target: "B" }).vertices.map((vertex) => vertex.stage),
        ["b", "b"],
      );
    });

    it("takes files from later stages, by number, and from images", () => {
      const text =
        "FROM scratch AS tools\nRUN x\nFROM base AS main\nCOPY --from=later /a /\nCOPY --from=0 /b /\nCOPY --from=image:1 /c /\n" +
        "FROM scratch AS later\nRUN y\n";
      const images = new Map([
        ["base", baseImage()],
        ["image:1", baseImage({}, { rootfs: { type: "layers", diff_ids: [digestOf("layer")] } })],
      ]);
      const graph = graphOf(text, { images, target: "main" });
      const from = copiesOf(graph).map((copy) =>
        copy.from.kind === "vertex" ? graph.vertices[copy.from.vertex]?.text : "",
      );
      assert.deepEqual(from, ["RUN y", "RUN x", "FROM image:1"]);
    });

    it("inherits config, variables and directory from another stage", () => {
      const text = "FROM base AS a\nARG V=1\nENV E=2\nWORKDIR /w\nUSER u\nFROM a\nRUN x\n";
      const [run] = runsOf(graphOf(text));
      assert.deepEqual([run?.env, run?.cwd, run?.user], [[path, "V=1", "E=2"], "/w", "u"]);
    });

    it("refuses what needs itself, and targets that are not there", () => {
      const circular = "FROM base AS a\nCOPY --from=b /x /\nFROM base AS b\nCOPY --from=a /x /\n";
      assert.deepEqual(codes(problemsOf(circular)), ["build/circular"]);
      assert.deepEqual(codes(problemsOf("FROM base\nCOPY --from=7 a b\n")), ["build/stage-index"]);
      assert.deepEqual(codes(problemsOf("FROM base\n", { target: "0" })), ["build/target"]);
    });

    it("chains thousands of stages", () => {
      const text = Array.from(
        { length: 5000 },
        (_, index) => `FROM ${index === 0 ? "base" : `s${index - 1}`} AS s${index}\n`,
      );
      assert.equal(graphOf(text.join("")).vertices.length, 1);
    });
  });

  describe("base images", () => {
    const names = (text: string, options = {}) =>
      basesOf(parse(text), { platform, ...options }).references.map(({ key }) => key);

    it("are those of the stages that count, after expansion", () => {
      assert.deepEqual(
        names("ARG V=3\nFROM a:$V AS x\nFROM b AS y\nFROM scratch\nCOPY --from=x a a\nCOPY --from=c a b\n"),
        ["c", "a:3"],
      );
      assert.deepEqual(names("ARG V=3\nFROM a:${V}\n", { buildArgs: { V: "4" } }), ["a:4"]);
      assert.deepEqual(names("FROM scra${X:-tch}\n"), []);
    });

    it("carry their platform when it is another", () => {
      assert.deepEqual(names("FROM --platform=linux/arm64 a\n"), ["a linux/arm64"]);
      assert.deepEqual(names("FROM --platform=$TARGETPLATFORM a\n"), ["a"]);
      assert.deepEqual(
        names("FROM --platform=$BUILDPLATFORM a\n", { buildPlatform: { os: "linux", architecture: "arm64" } }),
        ["a linux/arm64"],
      );
    });

    it("must have a name", () => {
      const { text, ranges } = readMarks("ARG V\nFROM $V\n#    ^^\n");
      const [blank] = problemsOf(text);
      assert.deepEqual([blank?.code, blank?.range], ["build/image-name", ranges[0]]);
      for (const name of ["base:", "UPPER", "a%b"]) {
        assert.deepEqual(codes(problemsOf(`FROM ${name}\n`)), ["build/image-name"], name);
      }
    });

    it("give environment, directory, user, ports and history", () => {
      const images = new Map([
        [
          "base",
          baseImage(
            { Env: ["A=1", "PATH=/p"], WorkingDir: "/w", User: "u", ExposedPorts: { "1/tcp": {} } },
            {
              history: [
                { created_by: "one", created: "2020-01-01T00:00:00Z" },
                { created_by: "two", empty_layer: true },
              ],
            },
          ),
        ],
      ]);
      const { config, history } = graphOf("FROM base\nENV A=2\nEXPOSE 2\n", { images });
      assert.deepEqual(config, {
        User: "u",
        ExposedPorts: { "1/tcp": {}, "2/tcp": {} },
        Env: ["A=2", "PATH=/p"],
        WorkingDir: "/w",
      });
      assert.deepEqual(
        history.map(({ createdBy, vertex }) => [createdBy, vertex]),
        [
          ["one", 0],
          ["two", undefined],
          ["ENV A=2", undefined],
          ["EXPOSE [2/tcp]", undefined],
        ],
      );
      assert.equal(history[0]?.base?.created, "2020-01-01T00:00:00Z");
    });

    it("get a PATH when they have none; scratch has the root as directory", () => {
      assert.deepEqual(graphOf("FROM base\n").config, { Env: [path] });
      assert.deepEqual(graphOf("FROM scratch\n").config, { Env: [path], WorkingDir: "/" });
    });

    it("without layers are the empty file system", () => {
      const images = new Map([["base", baseImage({ User: "u" }, { rootfs: { type: "layers", diff_ids: [] } })]]);
      const { vertices, config } = graphOf("FROM base\n", { images });
      assert.deepEqual([vertices[0]?.op.kind, config.User], ["scratch", "u"]);
    });

    it("run their triggers first, once, and those may need more", () => {
      const images = new Map([["base", baseImage({ OnBuild: ["RUN first", "COPY --from=tools /a /b"] })]]);
      const text = "FROM scratch AS unused\nFROM base\nRUN second\n";
      const { references } = basesOf(parse(text), { platform, images });
      assert.deepEqual(
        references.map(({ key }) => key),
        ["base", "tools"],
      );
      const graph = graphOf(text, {
        images: new Map([
          ...images,
          ["tools", baseImage({}, { rootfs: { type: "layers", diff_ids: [digestOf("t")] } })],
        ]),
      });
      assert.deepEqual(
        graph.vertices.map((vertex) => vertex.text),
        ["FROM base", "RUN first", "FROM tools", "COPY --from=tools /a /b", "RUN second"],
      );
      assert.equal(graph.config.OnBuild, undefined);
    });
  });

  describe("variables", () => {
    const env = (text: string, buildArgs: Record<string, string> = {}) =>
      runsOf(graphOf(`${text}RUN x\n`, { buildArgs }))
        .at(-1)
        ?.env.slice(1);

    it("of ARG are the build argument, else the default, else the global value, else nothing", () => {
      const text = "ARG G=g\nFROM base\nARG A=a\nARG G\nARG NONE\nARG TARGETARCH\n";
      assert.deepEqual(env(text), ["A=a", "G=g", "TARGETARCH=amd64"]);
      assert.deepEqual(env(text, { A: "$1", NONE: "", OTHER: "x" }), ["A=$1", "G=g", "NONE=", "TARGETARCH=amd64"]);
    });

    it("of ENV see the old environment, those of ARG each other", () => {
      assert.deepEqual(env("FROM base\nENV A=1 B=[$A]\nARG C=1 D=$C\n"), ["A=1", "B=[]", "C=1", "D=1"]);
    });

    it("of one name: the later instruction wins, the image keeps ENV", () => {
      const text = "FROM base\nENV X=env\nARG X\n";
      assert.deepEqual(env(text, { X: "cli" }), ["X=cli"]);
      assert.deepEqual(graphOf(text, { buildArgs: { X: "cli" } }).config.Env, [path, "X=env"]);
      assert.deepEqual(env("FROM base\nARG X=1\nENV X=env\n", { X: "cli" }), ["X=env"]);
    });

    it("keep the place where they were first set", () => {
      assert.deepEqual(env("FROM base\nENV A=1 B=2\nENV A=3\n"), ["A=3", "B=2"]);
    });

    it("of proxies reach commands without being part of their key, unless declared", () => {
      const run = (text: string) => runsOf(graphOf(text, { buildArgs: { http_proxy: "p" } }))[0];
      assert.deepEqual(run("FROM base\nRUN x\n")?.unkeyedEnv, ["HTTP_PROXY=p", "http_proxy=p"]);
      assert.deepEqual(run("FROM base\nARG http_proxy\nRUN x\n")?.unkeyedEnv, ["HTTP_PROXY=p"]);
    });

    it("keep the blanks of the old form of ENV", () => {
      assert.deepEqual(env("FROM base\nENV a   b   c  d\n"), ["a=b   c  d"]);
    });
  });

  describe("commands", () => {
    it("run in the shell, or as they are", () => {
      const text = 'FROM base\nRUN a  b\nRUN ["c", "d e"]\nSHELL ["/bin/bash", "-c"]\nRUN f\n';
      assert.deepEqual(
        runsOf(graphOf(text)).map(({ args }) => args),
        [
          ["/bin/sh", "-c", "a  b"],
          ["c", "d e"],
          ["/bin/bash", "-c", "f"],
        ],
      );
    });

    it("in heredocs are the text, a script, or left to the shell", () => {
      const text = "FROM base\nRUN <<EOF\na\nb\nEOF\nRUN <<EOF\n#!/bin/x\ny\nEOF\nRUN cat <<A && cat <<B\n1\nA\n2\nB\n";
      const [whole, script, shell] = runsOf(graphOf(text));
      assert.equal(whole?.args[2], "a\nb\n");
      assert.deepEqual(
        [script?.args[2], script?.scripts],
        ["/dev/pipes/EOF", [{ name: "EOF", content: "#!/bin/x\ny\n" }]],
      );
      assert.equal(shell?.args[2], "cat <<A && cat <<B\n1\nA\n2\nB");
    });

    it("of ENTRYPOINT take away an inherited CMD, not one of the same stage", () => {
      const images = new Map([["base", baseImage({ Cmd: ["old"] })]]);
      assert.deepEqual(graphOf('FROM base\nENTRYPOINT ["e"]\n', { images }).config.Cmd, undefined);
      assert.deepEqual(graphOf('FROM base\nCMD ["c"]\nENTRYPOINT ["e"]\n', { images }).config.Cmd, ["c"]);
      assert.deepEqual(graphOf('FROM base AS a\nCMD ["c"]\nFROM a\nENTRYPOINT ["e"]\n').config.Cmd, undefined);
    });
  });

  describe("files", () => {
    const copy = (line: string, before = "") => copiesOf(graphOf(`FROM base\n${before}${line}\n`))[0];

    it("come from rooted sources and go to a destination that keeps its slash", () => {
      const table: [line: string, sources: string[], destination: string][] = [
        ["COPY a /b", ["/a"], "/b"],
        ["COPY ./a/ ../c . ", ["/a", "/c"], "/w/"],
        ["COPY . .", ["/"], "/w/"],
        ["COPY a x/y/", ["/a"], "/w/x/y/"],
        ["COPY a ../../z", ["/a"], "/z"],
        ["COPY a /", ["/a"], "/"],
        ["COPY a* /b/.", ["/a*"], "/b/"],
        ['COPY ["a b", "/c d"]', ["/a b"], "/c d"],
        ["COPY --parents ./x/./y/z /p/", ["/x/./y/z"], "/p/"],
        ["COPY $V ${D:-/d}", ["/v"], "/d"],
      ];
      for (const [line, sources, destination] of table) {
        const found = copy(line, "ENV V=v\nWORKDIR /w\n");
        assert.deepEqual([found?.sources, found?.destination], [sources, destination], line);
      }
    });

    it("are copied as the flags say; --link means nothing beside --chmod", () => {
      const { chown, chmod, link, excludes } =
        copy("COPY --link --chown=$U:2 --chmod=u=rwX,go=rX --exclude=*.md --exclude=$x a b", "ARG U=1\n") ?? {};
      assert.deepEqual([chown, chmod, link, excludes], ["1:2", "u=rwX,go=rX", false, ["*.md", "$x"]]);
      assert.equal(copy("COPY --link a b")?.link, true);
      assert.deepEqual(codes(problemsOf("FROM base\nCOPY --chmod=99 a b\n")), ["build/chmod"]);
    });

    it("may be written in the file, expanded unless quoted", () => {
      const found = copy("COPY <<a <<'b' c /d/\n$V \\$V \"$V\"\na\n$V\nb", "ENV V=v\n");
      assert.deepEqual(found?.inline, [
        { name: "a", content: 'v $V "v"\n' },
        { name: "b", content: "$V\n" },
      ]);
      assert.deepEqual(found?.sources, ["/c"]);
    });

    it("of ADD may be archives and addresses", () => {
      assert.equal(copy("ADD a b")?.unpack, "local");
      assert.equal(copy("ADD --unpack=false a.tar b")?.unpack, undefined);
      assert.equal(copy("ADD --unpack a b")?.unpack, "all");
      const sum = `sha256:${"0".repeat(64)}`;
      assert.deepEqual(copy(`ADD --checksum=${sum} https://x.example/$V /`, "ARG V=a.tgz\n")?.remotes, [
        { kind: "url", url: "https://x.example/a.tgz", checksum: sum },
      ]);
      const mixed = copy("ADD local git@x.example:a/b.git https://x.example/f /d/");
      assert.deepEqual(mixed?.sources, ["/local"]);
      assert.deepEqual(mixed?.remotes, [
        { kind: "git", url: "git@x.example:a/b.git", keepGitDir: false },
        { kind: "url", url: "https://x.example/f" },
      ]);
      assert.deepEqual(copy("ADD --keep-git-dir=true https://x.example/r.git#v1:sub /d")?.remotes, [
        { kind: "git", url: "https://x.example/r.git", ref: "v1", subdir: "sub", keepGitDir: true },
      ]);
      for (const [line, code] of [
        ["ADD --checksum=sha256:12 https://x.example/a /", "build/checksum"],
        [`ADD --checksum=${sum} a /`, "build/checksum"],
        [`ADD --checksum=${sum} https://x.example/a https://x.example/b /`, "build/checksum"],
        ["ADD https://x.example/r.git#--upload-pack=x /", "build/address"],
      ] as const) {
        assert.deepEqual(codes(problemsOf(`FROM base\n${line}\n`)), [code], line);
      }
    });
  });

  describe("directories", () => {
    it("are joined when relative and kept as written when absolute", () => {
      const found = (text: string) => {
        const { config, vertices } = graphOf(`FROM base\n${text}`);
        return [config.WorkingDir, ...vertices.flatMap(({ op }) => (op.kind === "mkdir" ? [op.path] : []))];
      };
      assert.deepEqual(found("WORKDIR a\nWORKDIR ../b\n"), ["/b", "/a", "/b"]);
      assert.deepEqual(found("WORKDIR /a/\n"), ["/a/", "/a"]);
      assert.deepEqual(found("WORKDIR /wd/$UNSET/x\n"), ["/wd//x", "/wd/x"]);
      assert.deepEqual(found("WORKDIR /\n"), ["/"]);
    });
  });

  it("writes config and history as the reference does", () => {
    const text = [
      "FROM base",
      "ARG A=def B",
      'ENV E=1 F="two words"',
      "RUN echo $A > /o",
      "COPY --from=base --chown=1:2 --chmod=600 f d/",
      'LABEL a=1 b="x y"',
      "EXPOSE 80 53/udp",
      'VOLUME ["/v", "/w"]',
      'SHELL ["/bin/sh", "-ec"]',
      'CMD c "d"',
      "HEALTHCHECK --interval=5s --timeout=1m30s CMD x y",
      "USER mail",
      "STOPSIGNAL 9",
      "MAINTAINER me",
      "ONBUILD RUN later",
      "WORKDIR /w",
    ].join("\n");
    const { history, config, author } = graphOf(text, { labels: { a: "cli" } });
    assert.deepEqual(
      history.map(({ createdBy }) => createdBy),
      [
        "ARG A=def B",
        "ENV E=1 F=two words",
        "RUN |2 A=def B= /bin/sh -c echo $A > /o # buildkit",
        "COPY --chown=1:2 --chmod=600 f d/ # buildkit",
        "LABEL a=1 b=x y",
        "EXPOSE [53/udp 80/tcp]",
        "VOLUME [/v /w]",
        "SHELL [/bin/sh -ec]",
        'CMD ["/bin/sh" "-ec" "c \\"d\\""]',
        "HEALTHCHECK {Test:[CMD-SHELL x y] Interval:5s Timeout:1m30s StartPeriod:0s StartInterval:0s Retries:0}",
        "USER mail",
        "STOPSIGNAL 9",
        "MAINTAINER me",
        "WORKDIR /w",
      ],
    );
    assert.deepEqual(config, {
      User: "mail",
      ExposedPorts: { "53/udp": {}, "80/tcp": {} },
      Env: [path, "E=1", "F=two words"],
      Cmd: ["/bin/sh", "-ec", 'c "d"'],
      Volumes: { "/v": {}, "/w": {} },
      WorkingDir: "/w",
      Labels: { a: "cli", b: "x y" },
      StopSignal: "9",
      ArgsEscaped: true,
      Healthcheck: { Test: ["CMD-SHELL", "x y"], Interval: 5e9, Timeout: 9e10 },
      OnBuild: ["RUN later"],
      Shell: ["/bin/sh", "-ec"],
    });
    assert.equal(author, "me");
  });

  describe("problems", () => {
    const table: readonly [marked: string, code: string][] = [
      ["# syntax=example.com/other\n#        ^^^^^^^^^^^^^^^^^\nFROM base\n", "unsupported/syntax"],
      ["FROM base\nRUN --security=insecure x\n#              ^^^^^^^^\n", "build/not-allowed"],
      ["FROM base\nRUN --security=none x\n#              ^^^^\n", "syntax/flag-value"],
      ["FROM base\nRUN --device=gpu x\n#   ^^^^^^^^^^^^\n", "unsupported/run-device"],
      ["FROM base\nRUN --network=bridge x\n#             ^^^^^^\n", "syntax/flag-value"],
      ["FROM base\nCOPY a ${b:?no}\n#      ^^^^^^^^\n", "build/variable"],
      ["FROM --platform=x/y/z/w base\n#               ^^^^^^^\n", "build/platform"],
      ["FROM base\nEXPOSE 70000\n#      ^^^^^\n", "build/port"],
      ["FROM base\nSTOPSIGNAL nine\n#          ^^^^\n", "build/signal"],
      ["FROM base\nCOPY <<../x /d/\n#    ^^^^^^\n../x\n", "build/heredoc-name"],
      ["FROM other\n#    ^^^^^\n", "build/image-missing"],
      ["FROM base\nCOPY a\n#    ^\n", "syntax/missing-destination"],
    ];
    for (const [marked, code] of table) {
      it(`place ${code}`, () => {
        const { text, ranges } = readMarks(marked);
        assert.deepEqual(
          problemsOf(text).map((problem) => [problem.code, problem.range]),
          [[code, ranges[0]]],
        );
      });
    }

    it("keep scripts from leaving their folder", () => {
      assert.deepEqual(codes(problemsOf("FROM base\nRUN <<../x\n#!/bin/sh\n../x\n")), ["build/heredoc-name"]);
    });

    it("do not arise from what the target does not need", () => {
      assert.deepEqual(problemsOf("FROM base AS a\nRUN --mount=type=none x\nFROM base\n"), []);
    });
  });
});

function codes(problems: readonly { readonly code: string }[]): string[] {
  return problems.map(({ code }) => code);
}
