// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts of Dockerfiles
import assert from "node:assert/strict";
import { rmSync, symlinkSync } from "node:fs";
import path from "node:path";
import { instructionForms } from "../../../engine/analysis.ts";
import { flagMore } from "../../../server/features/docs/flags.ts";
import { instructionDocs } from "../../../server/features/docs/instructions.ts";
import { flagDocs } from "../../../server/features/flag-docs.ts";
import { prepareLint } from "../../../server/lint/lint.ts";
import { contextOf, hovered, imageFacts } from "../../support/hover.ts";

const says = async (marked: string, expected: RegExp, asks?: Parameters<typeof hovered>[1]) =>
  assert.match(await hovered(marked, asks), expected, marked);

before(() => prepareLint());

describe("a hover on a keyword or flag", () => {
  it("explains every instruction and every flag that the builder knows", async () => {
    for (const [keyword, { flags }] of Object.entries(instructionForms)) {
      assert.ok(instructionDocs[keyword], keyword);
      await says(
        `FROM a\n${keyword.slice(0, 2)}<|>${keyword.slice(2)} x`,
        new RegExp(`reference/dockerfile/#${keyword.toLowerCase()}\\)`),
      );
      for (const flag of Object.keys(flags)) {
        assert.ok(flagDocs[keyword]?.[flag] && flagMore[keyword]?.[flag], `${keyword} --${flag}`);
        await says(`FROM a\n${keyword} --${flag}<|>=x a b`, new RegExp(`---${flag}\\)`));
      }
    }
  });

  it("explains traps", async () => {
    await says("FROM a\nEXP<|>OSE 80", /documents and opens nothing[\s\S]*-p 8080:80/);
    await says("FROM a\nEXPOSE 80<|>80/udp", /docker run -p 8080:8080\/udp/);
    await says("FROM a\nONBUILD CO<|>PY a b", /build context/);
    await says("FROM a A<|>S b", /Names the stage/);
    await says("FROM a\nUSER ro<|>ot", /another USER is safer/);
    await says("FROM a\nSTOPSIGNAL quit<|>", /SIGQUIT/);
    await says("FROM a\nLABEL org.opencontainers.image.sou<|>rce=x", /source code/);
    await says("# syn<|>tax=docker/dockerfile:1\nFROM a", /Dockerfile language/);
    await says("# syntax=docker/docker<|>file:1\nFROM a", /hub\.docker\.com\/r\/docker\/dockerfile/);
  });

  it("explains what an ignore comment names, with its page", async () => {
    const pages = "rules:/";
    await says(
      "# check=skip=UndefinedVar,StageName<|>Casing\nFROM a",
      /\[StageNameCasing\]\(https:\/\/docs\.docker\.com\/reference\/build-checks\/stage-name-casing\/\)/,
    );
    await says("# check=skip=JSONArgs<|>Recommended\nFROM a", /build-checks\/json-args-recommended\//);
    await says("FROM a\n# hadolint ignore=DL3006,DL30<|>08\nRUN x", /\*\*packages\/.*hadolint\/wiki\/DL3008\)/s);
    await says("FROM a\n# hadolint ignore=SC20<|>86\nRUN x", /shellcheck\.net\/wiki\/SC2086/);
    await says(
      "FROM a\n# drydock ignore=image/no-<|>shell\nRUN x",
      /\[image\/no-shell\]\(rules:\/image\/no-shell\.md\)/,
      {
        pages,
      },
    );
    await says("FROM a\nRUN a && \\\n# drydock ignore=run/su<|>do\n b", /\*\*run\/sudo\*\*/);
    assert.equal(await hovered("FROM a\n# drydock ignore=no/su<|>ch\nRUN x"), "");
    await says("# ch<|>eck=skip=StageNameCasing\nFROM a", /Which checks/);
  });

  it("explains what stands in a mount, and values of flags", async () => {
    await says("FROM a\nRUN --mount=type=ca<|>che,target=/x true", /type=cache.*package managers/);
    await says("FROM a\nRUN --mount=type=cache,dst<|>=/x true", /same as `target`/);
    await says("FROM a\nRUN --mount=type=cache,target=/x,sharing=lock<|>ed true", /waits/);
    await says("FROM a\nRUN --network=no<|>ne true", /loopback/);
    await says("FROM a\nCOPY --chmod=75<|>5 a b", /`rwxr-xr-x`/);
  });

  it("explains package managers in scripts, and is silent about the rest of them", async () => {
    await says("FROM debian\nRUN apt-get up<|>date && true", /same RUN/);
    await says("FROM node\nRUN npm c<|>i", /package-lock/);
    await says("FROM node\nONBUILD RUN npm c<|>i", /package-lock/);
    assert.equal(await hovered("FROM debian\nRUN apt-get update && tr<|>ue"), "");
    assert.equal(await hovered(`FROM a\nRUN true \\\n${"  && true \\\n".repeat(300)}  && tr<|>ue\n`), "");
    assert.equal(await hovered("FROM a\n# commen<|>t\n"), "");
  });
});

describe("a hover on a variable", () => {
  it("shows its value here and where that comes from", async () => {
    await says("FROM a\nENV PORT=80\nEXPOSE $PO<|>RT", /\*\*PORT\*\* = `80`[\s\S]*ENV PORT=80[\s\S]*ENV in line 2/);
    await says("FROM a\nENV A=1\nENV B=$A-x\nRUN echo $<|>B", /\*\*B\*\* = `1-x`/);
    await says("FROM a\nENV A=1\nENV B<|>=$A-x", /\*\*B\*\* = `1-x`/);
    await says("FROM a\nENV A<|>='$B'", /\*\*A\*\* = `\$B`/);
    await says("FROM a\nENV A='$B'\nWORKDIR /$A<|>", /\*\*A\*\* = `\$B`/);
    await says("FROM a\nENV A=\\$B C=x\nENV D=$C$A\nRUN echo $D<|>", /\*\*D\*\* = `x\$B`/);
    await says("FROM a\nENV A=x$B\nRUN echo $A<|>", /^\*\*A\*\*\n/);
    await says("FROM a\nENV A='$B'$A\nRUN echo $A<|>", /^\*\*A\*\*\n/);
    await says("FROM a\nENV A=1\nWORKDIR $A\nENV A=2\nWORKDIR /$<|>A", /\*\*A\*\* = `2`/);
  });

  it("evaluates the forms with defaults", async () => {
    await says("FROM a\nWORKDIR ${X:-/y<|>}\nENV X=1", /^$/);
    await says("FROM a\nARG X\nWORKDIR ${X:<|>-/y}", /`\$\{X:-\/y\}` → `\/y`[\s\S]*--build-arg X=/);
    await says("ARG V=1\nFROM node:${V<|>:+24}", /`\$\{V:\+24\}` → `24`/);
    await says("FROM a\nENV X=1\nRUN echo ${<|>X:-2}", /\*\*X\*\* = `1`[\s\S]*`\$\{X:-2\}` → `1`/);
  });

  it("knows what is inherited from a stage, from above all stages, and from the image", async () => {
    await says("FROM a AS base\nENV P=1\nFROM base\nRUN echo $<|>P", /`1`[\s\S]*ENV of stage `base`, line 2/);
    await says("ARG V=3\nFROM a:$<|>V", /\*\*V\*\* = `3`[\s\S]*above all stages, line 1/);
    await says("ARG V=3\nFROM a\nARG V<|>\nRUN echo $V", /\*\*V\*\* = `3`/);
    await says("ARG V=3\nFROM a\nRUN echo $<|>V", /write ARG V in this stage/);
    const findImage = async (reference: string) =>
      reference === "node:24" ? imageFacts({ env: { NODE_VERSION: "24.1.0" } }) : undefined;
    await says("FROM node:24 AS b\nFROM b\nRUN echo $NODE_VER<|>SION", /`24\.1\.0`[\s\S]*From the base image/, {
      findImage,
    });
  });

  it("puts the image's value into one that builds on it", async () => {
    const findImage = async () => imageFacts({ env: { PATH: "/usr/bin" } });
    await says("FROM a\nENV PATH=/x:$PATH\nRUN echo $PA<|>TH", /\*\*PATH\*\* = `\/x:\/usr\/bin`/, { findImage });
    await says("FROM a\nENV PA<|>TH=/x:$PATH", /\*\*PATH\*\* = `\/x:\/usr\/bin`/, { findImage });
    await says("FROM a\nENV PATH=/x:$PATH\nENV PATH=/y:$PATH\nRUN echo $PA<|>TH", /^\*\*PATH\*\*\n/, { findImage });
  });

  it("says nothing of one that the script sets itself, or that stands there as text", async () => {
    for (const use of [
      "RUN A=2; echo $<|>A",
      "RUN for A in x y; do echo $<|>A; done",
      "RUN echo '$<|>A'",
      "RUN awk '{ print $<|>A }' x",
      'CMD ["echo", "$<|>A"]',
    ]) {
      await says(`FROM a\nENV A=1\n${use}`, /^$/);
    }
    await says("ARG A=1\nFROM a\nRUN A=2; echo $<|>A", /^$/);
    await says("FROM a\nENV A=1\nRUN bash -c 'echo $<|>A'", /\*\*A\*\* = `1`/);
  });

  it("explains what the builder sets", async () => {
    await says("FROM --platform=$BUILDPLAT<|>FORM a", /machine that builds/);
    await says("FROM a\nRUN echo $TARGET<|>ARCH", /only behind ARG TARGETARCH/);
    await says("FROM a\nARG TARGETAR<|>CH", /image that is made: processor/);
    assert.doesNotMatch(await hovered("FROM a\nARG TARGETAR<|>CH"), /build-arg/);
    await says("FROM a\nENV DEBIAN_FRONT<|>END=noninteractive", /keeps apt-get from asking/);
  });
});

describe("a hover on a stage or image", () => {
  it("shows the stage's base, its length and who uses it", async () => {
    const file =
      "FROM a AS one\nRUN x\nFROM one AS two\nCOPY --from=o<|>ne /x /x\nFROM two\nRUN --mount=from=one,target=/b y";
    await says(file, /FROM a AS one[\s\S]*Stage 1 of 3, from `a`, instructions: 1/);
    await says(file, /`two`, line 3: is built from it[\s\S]*`two`, line 4: takes files[\s\S]*`2`, line 6: takes files/);
    await says("FROM a AS un<|>used\nFROM b", /--target `unused` only/);
    await says("FROM a AS la<|>st", /becomes the image/);
  });

  it("shows the image's name in full, its page, and what the engine knows", async () => {
    await says("FROM nod<|>e", /`docker\.io\/library\/node`[\s\S]*:latest[\s\S]*hub\.docker\.com\/_\/node/);
    await says("ARG V=24\nFROM no<|>de:$V", /`node:24`/);
    await says("FROM scrat<|>ch", /empty image/);
    await says("FROM a\nCOPY --from=ghcr.io/astral-sh/u<|>v:1 /uv /", /github\.com\/astral-sh\/uv\/pkgs/);
    const facts = imageFacts({ digest: "sha256:abc", sizeBytes: 12_345_678, platforms: ["linux/arm64"], user: "node" });
    const shown = await hovered("FROM nod<|>e:24", {
      findImage: async () => ({ ...facts, ports: ["80/tcp"], createdMs: Date.now() - 5 * 86_400_000 }),
    });
    for (const part of ["sha256:abc", "12.3 MB", "linux/arm64", "`node`", "`80/tcp`", "5 days ago"]) {
      assert.ok(shown.includes(part), `${part} in ${shown}`);
    }
    await says("FROM nod<|>e:24", /not on this machine/, { findImage: async () => null });
  });
});

describe("a hover on what COPY copies", () => {
  const folder = contextOf({
    ".dockerignore": "node_modules\n**/*.log\n",
    "src/a.js": 1000,
    "src/deep/b.js": 3000,
    "src/c.log": 1,
    "package.json": 10,
    "package-lock.json": 20,
    "node_modules/x/index.js": 9_000_000,
    "src/deep/x.log": 7,
  });
  symlinkSync("..", path.join(folder, "src/up"));
  after(() => rmSync(folder, { recursive: true }));

  it("counts files and bytes without what is ignored, and does not follow links", async () => {
    await says("FROM a\nCOPY sr<|>c /x", /3 files, 4 kB/, { folder });
    await says("FROM a\nCOPY package*<|>.json /x", /2 files, 30 B[\s\S]*2 matches[\s\S]*`package-lock\.json`/, {
      folder,
    });
    await says("FROM a\nCOPY <|>. /x", /`\.`.*\n*[\s\S]*Largest[\s\S]*`src` — 4 kB/, { folder });
    await says('FROM a\nCOPY ["sr<|>c/deep", "/x"]', /1 file, 3 kB/, { folder });
    await says("FROM a\nCOPY --exclude=deep sr<|>c /x", /2 files, 1 kB/, { folder });
    await says("FROM a\nARG D=src\nCOPY $D/de<|>ep /x", /\*\*D\*\*|1 file/, { folder });
  });

  it("says when there is nothing, or when it is ignored", async () => {
    await says("FROM a\nCOPY mis<|>sing /x", /There is no `missing`/, { folder });
    await says("FROM a\nCOPY node_mod<|>ules /x", /`\.dockerignore` takes `node_modules` out/, { folder });
    assert.equal(await hovered("FROM a\nCOPY sr<|>c /x"), "");
    const routes = contextOf({ "app/[id]/page.js": "" });
    try {
      await says("FROM a\nCOPY app/[i<|>d] /x", /pattern.*`app\/\[\[\]id\]`/, { folder: routes });
      await says("FROM a\nCOPY app/[[]i<|>d] /x", /1 file/, { folder: routes });
    } finally {
      rmSync(routes, { recursive: true });
    }
  });

  it("ends when nobody looks any more", async () => {
    const left = AbortSignal.abort();
    assert.equal(typeof (await hovered("FROM a\nCOPY <|>. /x", { folder, signal: left })), "string");
  });

  it("says where they go", async () => {
    await says("FROM a\nWORKDIR /app\nCOPY a sub/<|>", /`\/app\/sub\/`, a folder/);
    await says("FROM a\nCOPY a .<|>/", /base image/);
    await says("FROM a\nCOPY --from=b /a<|>pp /x", /`\/app` of `b`/);
    await says("FROM a\nADD https://example.com/x<|> /x", /--checksum/);
    await says("FROM a\nWORKDIR /app\nWORKDIR su<|>b", /`\/app\/sub`/);
  });
});

describe("a hover on hostile words", () => {
  const picture = "![x](https://example.com/x.png)";

  it("shows them as code, so that no picture is fetched and no link is made", async () => {
    const folder = contextOf({ a: 1 });
    for (const marked of [
      `FROM a\nCOPY <|>${picture} /x`,
      `FROM a\nCOPY a /<|>${picture}`,
      `FROM <|>${picture}`,
      `FROM a\nCOPY --from=${picture}<|> a /x`,
      `FROM a\nENV A=${picture}\nRUN echo $<|>A`,
      `FROM a\nARG ${picture}<|>=1`,
      `FROM a\nUSER ${picture}<|>`,
      `FROM a AS <|>${picture}`,
    ]) {
      const shown = (await hovered(marked, { folder })).replace(/(`+)[\s\S]*?\1/g, "");
      assert.ok(!shown.includes("example.com/x.png"), `${marked}: ${shown}`);
    }
    rmSync(folder, { recursive: true });
  });

  it("has nothing to say of what every object has", async () => {
    const run = "FROM a\nRUN --mount=type=";
    for (const marked of [
      `${run}constru<|>ctor,constructor=x,target=/x y`,
      `${run}cache,constru<|>ctor=x y`,
      "FROM a\nRUN --constru<|>ctor=x y",
      "FROM a\nCONSTRU<|>CTOR x",
      "FROM a\nSTOPSIGNAL constru<|>ctor",
      "FROM a\nLABEL org.opencontainers.image.constru<|>ctor=x",
      "FROM a\nRUN constructor toStri<|>ng",
    ]) {
      assert.doesNotMatch(await hovered(marked), /native|undefined/, marked);
    }
  });
});

describe("a hover in a long file", () => {
  it("is about the place alone", async () => {
    await says(`FROM a\n${"RUN true\n".repeat(5000)}EXP<|>OSE 80\n`, /-p 8080:80/);
  });
});
