// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import assert from "node:assert/strict";
import type { ContainerConfig } from "../../../engine/oci/types.ts";
import { baseImage, graphOf, problemsOf, runsOf } from "../../support/lowered.ts";

// What the reference makes of each instruction, where it is easy to get wrong. One line a case: the file (` / ` between
// lines), then what is in the config, or the code of the problem.

const base = baseImage({ Env: ["PATH=/bin"], Cmd: ["sh"] });
const sh = ["/bin/sh", "-c"];
const defaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

interface More {
  readonly args?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly target?: string;
  readonly history?: readonly string[];
}

type Expected = { readonly [K in keyof ContainerConfig]?: ContainerConfig[K] | undefined };
type Case = readonly [text: string, expected: Expected | string, more?: More];

const cases: readonly Case[] = [
  ["FROM ${X}", "build/image-name"],
  ["ARG X / FROM busybox:$X", "build/image-name"],
  ["ARG T=tch / FROM scra${X:-tch}", { Env: [defaultPath], WorkingDir: "/" }],
  ["FROM base AS A / FROM a", { Env: ["PATH=/bin"], Cmd: ["sh"] }],
  ["FROM base AS x / ENV A=1 / FROM base AS x / FROM x", { Env: ["PATH=/bin"] }],
  ["FROM base AS Foo / ENV A=1 / FROM base", { Env: ["PATH=/bin", "A=1"] }, { target: "FOO" }],
  ["FROM base", "build/target", { target: "0" }],

  ["FROM base / ENV a   b   c  d", { Env: ["PATH=/bin", "a=b   c  d"] }],
  ["FROM base / ENV A=1 A=2 B=$A", { Env: ["PATH=/bin", "A=2", "B="] }],
  ["FROM base / ENV PATH=/x A=1", { Env: ["PATH=/x", "A=1"] }],
  ["FROM base / ARG A=1 B=$A / ENV C=$B", { Env: ["PATH=/bin", "C=1"] }],
  ["FROM base / ENV X=env / ARG X / ENV Y=$X", { Env: ["PATH=/bin", "X=env", "Y=cli"] }, { args: { X: "cli" } }],
  ["ARG G=1 / FROM base / ENV H=$G", { Env: ["PATH=/bin", "H="] }],
  ["ARG G=1 / FROM base / ARG G / ENV H=$G", { Env: ["PATH=/bin", "H=1"] }],
  ["FROM base AS p / ARG A=1 / FROM p / ENV B=$A", { Env: ["PATH=/bin", "B=1"] }],
  ['FROM base / ENV P="${U:-a b}"', { Env: ["PATH=/bin", "P=a b"] }],
  [
    "FROM base / ENV A=$$ B=$? C=$12 D=a$ E=\\$X F='$X'",
    { Env: ["PATH=/bin", "A=", "B=", "C=", "D=a$", "E=$X", "F=$X"] },
  ],
  ["FROM base / ENV A=${x:?oops}", "build/variable"],
  ["FROM base / ENV A=${}", "build/variable"],

  ["FROM base / WORKDIR /a/ / WORKDIR b/../c", { WorkingDir: "/a/c" }, { history: ["WORKDIR /a/", "WORKDIR /a/c"] }],
  ["FROM base / WORKDIR /wd/$UNSET/x", { WorkingDir: "/wd//x" }],
  ["FROM base / WORKDIR /", { WorkingDir: "/" }],
  [
    "FROM base / EXPOSE 80 443/TCP 3000-3001 1.2.3.4:90:91",
    { ExposedPorts: { "3000/tcp": {}, "3001/tcp": {}, "443/tcp": {}, "80/tcp": {}, "91/tcp": {} } },
  ],
  ['FROM base / ARG P="1 2" / EXPOSE $P', { ExposedPorts: { "1/tcp": {}, "2/tcp": {} } }],
  ['FROM base / VOLUME /a ["/b"]', { Volumes: { "/a": {}, "[/b]": {} } }, { history: ["VOLUME [/a [/b]]"] }],
  ["FROM base / VOLUME $X", "build/volume"],
  ["FROM base / STOPSIGNAL kill", { StopSignal: "kill" }],
  ["FROM base / STOPSIGNAL SIGRTMIN+3", { StopSignal: "SIGRTMIN+3" }],
  ["FROM base / USER a:b", { User: "a:b" }],
  ['FROM base / LABEL a=1 b="x y" a=2', { Labels: { a: "2", b: "cli" } }, { labels: { b: "cli" } }],

  [
    "FROM base / HEALTHCHECK --interval=1m30s --retries=0 CMD a b",
    { Healthcheck: { Test: ["CMD-SHELL", "a b"], Interval: 90e9 } },
    {
      history: [
        "HEALTHCHECK {Test:[CMD-SHELL a b] Interval:1m30s Timeout:0s StartPeriod:0s StartInterval:0s Retries:0}",
      ],
    },
  ],
  ["FROM base / HEALTHCHECK NONE", { Healthcheck: { Test: ["NONE"] } }],
  [
    'FROM base / HEALTHCHECK CMD a / HEALTHCHECK --start-interval=500ms CMD ["b"]',
    { Healthcheck: { Test: ["CMD", "b"], StartInterval: 5e8 } },
  ],

  ["FROM base / ONBUILD RUN a / ONBUILD COPY . /", { OnBuild: ["RUN a", "COPY . /"] }, { history: [] }],
  ["FROM base AS p / ONBUILD ENV A=1 / FROM p / ENV B=$A", { Env: ["PATH=/bin", "A=1", "B=1"] }],
  ["FROM base AS p / ONBUILD LABEL l=1 / FROM p AS q / FROM q / LABEL m=1", { Labels: { l: "1", m: "1" } }],

  ['FROM base / CMD ["a"] extra', { Cmd: [...sh, '["a"] extra'], ArgsEscaped: true }],
  ["FROM base / CMD ['a']", { Cmd: [...sh, "['a']"] }],
  ["FROM base / CMD []", { Cmd: [] }],
  ["FROM base / ENTRYPOINT b", { Entrypoint: [...sh, "b"], Cmd: undefined }],
  ["FROM base / CMD a / ENTRYPOINT b", { Entrypoint: [...sh, "b"], Cmd: [...sh, "a"] }],
  ["FROM base AS x / CMD a / FROM x / ENTRYPOINT b", { Entrypoint: [...sh, "b"], Cmd: undefined }],
  ["FROM base / ENTRYPOINT []", { Entrypoint: undefined, Cmd: undefined }],
  [
    'FROM base / SHELL ["/x","-e"] / CMD b / HEALTHCHECK CMD d',
    { Shell: ["/x", "-e"], Cmd: ["/x", "-e", "b"], Healthcheck: { Test: ["CMD-SHELL", "d"] } },
    { history: ["SHELL [/x -e]", 'CMD ["/x" "-e" "b"]'] },
  ],

  ["# syntax=docker/dockerfile:1 / FROM base", { Cmd: ["sh"] }],
  ["# syntax=docker.io/docker/dockerfile-upstream:master-labs / FROM base", { Cmd: ["sh"] }],
  ["# syntax=me/frontend / FROM base", "unsupported/syntax"],
  ["#!/usr/bin/env x / # syntax=me/frontend / FROM base", "unsupported/syntax"],
  ["# syntax=me/frontend / FROM base", { Cmd: ["sh"] }, { args: { BUILDKIT_SYNTAX: "docker/dockerfile:1" } }],
  ["FROM base", "unsupported/syntax", { args: { BUILDKIT_SYNTAX: "me/frontend" } }],
  ["FROM --platform=nope/ base", "build/platform"],
  ["FROM base / COPY --from=0 a b", "build/circular"],
  ["FROM base / COPY --chmod=77777 a b", "build/chmod"],
];

describe("instructions as in the reference", () => {
  for (const [text, expected, more = {}] of cases) {
    it(`${text}${more.args ? ` with ${Object.keys(more.args).join(", ")}` : ""}`, () => {
      const file = `${text.replaceAll(" / ", "\n")}\n`;
      const { args: buildArgs = {}, labels = {}, target = "" } = more;
      const options = { images: new Map([["base", base]]), buildArgs, labels, target };
      if (typeof expected === "string") {
        assert.deepEqual(
          problemsOf(file, options).map(({ code }) => code),
          [expected],
        );
        return;
      }
      const { config, history } = graphOf(file, options);
      for (const [key, value] of Object.entries(expected))
        assert.deepEqual(config[key as keyof ContainerConfig], value);
      const shown = history.map(({ createdBy }) => createdBy);
      for (const line of more.history ?? []) assert.ok(shown.includes(line), shown.join("\n"));
      if (more.history?.length === 0) assert.deepEqual(shown, []);
    });
  }

  it("MAINTAINER is the author, as it is written", () => {
    assert.equal(graphOf("FROM base\nMAINTAINER me $X\n").author, "me $X");
  });

  it("proxies reach RUN in both cases without being declared, and are ordinary when they are", () => {
    const buildArgs = { HTTP_PROXY: "p" };
    const [hidden] = runsOf(graphOf("FROM base\nRUN x\n", { buildArgs }));
    assert.deepEqual(hidden?.unkeyedEnv, ["HTTP_PROXY=p", "http_proxy=p"]);
    const graph = graphOf("FROM base\nARG HTTP_PROXY\nRUN x\n", { buildArgs });
    assert.ok(runsOf(graph)[0]?.env.includes("HTTP_PROXY=p"));
    assert.ok(graph.history.some(({ createdBy }) => createdBy === "RUN |1 HTTP_PROXY=p /bin/sh -c x # buildkit"));
  });

  it("automatic arguments are there in FROM, and in a stage when they are declared", () => {
    const arm = { os: "linux", architecture: "arm", variant: "v7" };
    const text =
      "FROM --platform=$BUILDPLATFORM base\nARG TARGETPLATFORM TARGETVARIANT BUILDARCH TARGETSTAGE\nRUN x\nARG NOPE\n";
    const [run] = runsOf(
      graphOf(text, {
        platform: arm,
        buildPlatform: { os: "linux", architecture: "amd64" },
        images: new Map([["base linux/amd64", base]]),
      }),
    );
    assert.deepEqual(run?.env, [
      "PATH=/bin",
      "TARGETPLATFORM=linux/arm/v7",
      "TARGETVARIANT=v7",
      "BUILDARCH=amd64",
      "TARGETSTAGE=default",
    ]);
  });
});
