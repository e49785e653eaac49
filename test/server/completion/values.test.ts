import assert from "node:assert/strict";
import { prepareLint } from "../../../server/lint/lint.ts";
import { itemOf, labels, taken } from "../../support/complete.ts";

describe("completion of values", () => {
  before(() => prepareLint());

  it("offers ports of the variables, the code, the checks and the image", () => {
    assert.deepEqual(labels("FROM a\nENV PORT=3000\nEXPOSE <|>").slice(0, 2), ["$PORT", "3000"]);
    assert.equal(taken("FROM a\nEXPOSE 80<|>81/udp", "8080"), "FROM a\nEXPOSE 8080/udp");
    assert.equal(labels("FROM nginx\nEXPOSE <|>")[0], "80");
    assert.equal(labels("FROM a\nEXPOSE <|>", { files: { "server.js": "app.listen(4321)" } })[0], "4321");
    assert.equal(
      labels("FROM a\nEXPOSE <|>", { files: { "src/index.ts": "const port = process.env.PORT || 5001;" } })[0],
      "5001",
    );
    assert.equal(
      labels("FROM a\nEXPOSE <|>", { files: { "main.go": 'http.ListenAndServe(":9090", nil)' } })[0],
      "9090",
    );
    assert.equal(labels("FROM a\nHEALTHCHECK CMD curl http://localhost:7000/\nEXPOSE <|>")[0], "7000");
    assert.equal(labels("FROM a AS b\nFROM postgres:18 AS c\nFROM c\nEXPOSE <|>")[0], "5432");
    assert.deepEqual(labels("FROM a\nEXPOSE 53/<|>"), ["tcp", "udp"]);
    assert.equal(taken("FROM a\nEXPOSE 80 4<|>", "443"), "FROM a\nEXPOSE 80 443");
  });

  it("offers users that are there", () => {
    assert.equal(labels("FROM node:24\nUSER <|>")[0], "node");
    assert.equal(labels("FROM debian\nRUN useradd --system web\nUSER <|>")[0], "web");
    assert.equal(labels("FROM alpine\nRUN addgroup -S web && adduser -S -G web web\nUSER <|>")[0], "web");
    assert.equal(labels("FROM mcr.microsoft.com/dotnet/aspnet:10.0\nUSER <|>")[0], "$APP_UID");
    assert.equal(labels("FROM a\nUSER <|>").at(-1), "root");
    assert.equal(taken("FROM node:24\nUSER no<|>de:node", "node"), "FROM node:24\nUSER node:node");
    assert.equal(taken("FROM node:24\nUSER 1<|>0:node", "10001"), "FROM node:24\nUSER 10001:node");
    assert.equal(taken("FROM node:24\nUSER 1<|>", "10001:10001"), "FROM node:24\nUSER 10001:10001");
  });

  it("offers signals, shells, folders and names for stages", () => {
    assert.equal(labels("FROM a\nSTOPSIGNAL <|>")[0], "SIGTERM");
    assert.equal(
      taken("FROM a\nSHELL [<|>", '["/bin/bash", "-o", "pipefail", "-c"]'),
      'FROM a\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]',
    );
    assert.equal(labels("FROM a\nWORKDIR /srv\nFROM b\nWORKDIR <|>")[0], "/srv");
    assert.ok(!labels("FROM a AS build\nFROM b AS <|>").includes("build"));
    assert.deepEqual(labels("FROM a\nHEALTHCHECK <|>"), ["CMD", "NONE"]);
    assert.ok(labels("FROM a\nHEALTHCHECK --interval=5s CMD <|>").some((label) => label.startsWith("curl")));
  });

  it("offers the annotations that OCI knows, each once", () => {
    const source = "org.opencontainers.image.source";
    assert.equal(labels("FROM a\nLABEL <|>")[0], source);
    assert.ok(!labels(`FROM a\nLABEL ${source}=x <|>`).includes(source));
    assert.match(taken("FROM a\nLABEL org.open<|>", source), /LABEL org\.opencontainers\.image\.source=https:/);
    assert.match(taken('FROM a\nLABEL "org.o<|>', `${source}`), /LABEL "org/);
    assert.match(itemOf("FROM a\nLABEL <|>", `${source}`, { snippets: true }).textEdit?.newText ?? "", /\$\{1:/);
    const vendor = "org.opencontainers.image.vendor";
    assert.equal(taken('FROM a\nLABEL "org.<|>"', vendor), `FROM a\nLABEL "${vendor}"="Company"`);
    // In front of a value only the name is changed.
    const title = "org.opencontainers.image.title";
    for (const quote of ["", '"']) {
      const label = `FROM a\nLABEL ${quote}org.opencontainers.image.ti<|>tl${quote}="My app"`;
      assert.equal(taken(label, title, { snippets: true }), `FROM a\nLABEL ${quote}${title}${quote}="My app"`);
    }
    assert.ok(labels(`FROM a\nLABEL ${title.slice(0, -3)}<|>tle=x`).includes(title));
  });

  it("offers usual variables, and arguments that must be declared again", () => {
    assert.equal(labels("FROM node:24\nENV <|>")[0], "NODE_ENV=production");
    assert.equal(labels("FROM python:3.14\nENV A=1 \\\n  <|>")[0], "PYTHONUNBUFFERED=1");
    assert.equal(taken("FROM node\nENV NODE_E<|>=test", "NODE_ENV"), "FROM node\nENV NODE_ENV=test");
    assert.equal(taken("FROM node\nENV PO<|>NT=1 A=2", "PORT"), "FROM node\nENV PORT=1 A=2");
    assert.equal(labels("ARG OURS=1\nFROM a\nARG <|>")[0], "OURS");
    assert.ok(!labels("ARG OURS=1\nFROM a\nARG OURS\nARG <|>").includes("OURS"));
    assert.ok(labels("FROM a\nARG <|>").includes("TARGETARCH"));
  });

  it("offers how the project is started", () => {
    const files = { "package.json": '{"scripts":{"start":"node lib/main.js"}}' };
    assert.deepEqual(labels("FROM node\nCMD <|>", { files }), ['["node", "lib/main.js"]', '["npm", "start"]', '["…"]']);
    assert.equal(
      labels("FROM python\nCMD <|>", { files: { "app.py": "app = FastAPI()" } })[0],
      '["uvicorn", "app:app", "--host", "0.0.0.0"]',
    );
    assert.equal(taken("FROM python\nCMD [<|>", '["python", "app.py"]'), 'FROM python\nCMD ["python", "app.py"]');
  });
});

describe("completion of commands", () => {
  before(() => prepareLint());

  it("offers programs, the image's first and none of another system", () => {
    assert.equal(labels("FROM debian:13\nRUN <|>")[0], "apt-get");
    assert.equal(labels("FROM alpine\nRUN <|>")[0], "apk");
    assert.ok(!labels("FROM alpine\nRUN x && <|>").includes("apt-get"));
    assert.equal(labels("FROM node:24 AS a\nFROM a\nRUN --mount=type=ssh <|>")[0], "npm");
    assert.equal(taken("FROM a\nRUN apt<|>", "apt-get"), "FROM a\nRUN apt-get");
  });

  it("offers words, flags and packages of package managers", () => {
    assert.ok(labels("FROM a\nRUN apt-get <|>").includes("install"));
    const install = labels("FROM a\nRUN apt-get update && \\\n    apt-get install -y <|>");
    assert.deepEqual(install.slice(0, 2), ["--no-install-recommends", "ca-certificates"]);
    assert.ok(!labels("FROM a\nRUN sudo apt-get install -y curl <|>").includes("curl"));
    assert.ok(labels("FROM a\nRUN <<EOF\nset -e\napk add <|>\nEOF").includes("--no-cache"));
    assert.deepEqual(
      labels("FROM a\nRUN npm run <|>", { files: { "package.json": '{"scripts":{"build":"x","lint":"y"}}' } }),
      ["build", "lint"],
    );
    assert.ok(labels("FROM a\nRUN dotnet publish <|>", { files: { "App.csproj": "" } }).includes("App.csproj"));
    assert.ok(!labels("FROM a\nRUN apt-get install -y curl > <|>").includes("git"));
  });
});
