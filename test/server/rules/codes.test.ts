// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import assert from "node:assert/strict";
import { defaultLintConfig } from "../../../server/lint/finding.ts";
import { lintText, prepareLint } from "../../../server/lint/lint.ts";
import type { RuleOptions } from "../../../server/lint/rule.ts";
import { codes } from "../../../server/rules/codes.ts";
import { memoryProject } from "../../support/memory-project.ts";

interface Sample {
  readonly text: string;
  readonly options?: RuleOptions;
  readonly files?: Readonly<Record<string, string>>;
}

const stage = (text: string): Sample => ({ text: `FROM debian:12\n${text}\n` });
const label = (name: string, type: string, value = "x"): Sample => ({
  ...stage(`LABEL ${name}="${value}"`),
  options: { labelSchema: { [name]: type } },
});

/** For every code of the other linters one file in which they find it, and so do we. */
const hadolint: Readonly<Record<string, Sample>> = {
  DL1000: stage("NOSUCH thing"),
  DL1001: stage("# hadolint ignore=DL3003\nRUN cd /tmp && make"),
  DL3000: stage("WORKDIR app"),
  DL3001: stage("RUN service nginx start"),
  DL3002: stage('USER root\nCMD ["a"]'),
  DL3003: stage("RUN cd /tmp && make"),
  DL3004: stage("RUN sudo make"),
  DL3005: stage("RUN apt-get update && apt-get dist-upgrade -y"),
  DL3006: { text: "FROM debian\n" },
  DL3007: { text: "FROM debian:latest\n" },
  DL3008: stage("RUN apt-get update && apt-get install -y curl"),
  DL3009: stage("RUN apt-get update && apt-get install -y curl"),
  DL3010: stage("COPY a.tar.gz /tmp/\nRUN tar -xzf /tmp/a.tar.gz"),
  DL3011: stage("EXPOSE 80000"),
  DL3012: stage("HEALTHCHECK CMD a\nHEALTHCHECK CMD b"),
  DL3013: stage("RUN pip install flask"),
  DL3014: stage("RUN apt-get update && apt-get install curl"),
  DL3015: stage("RUN apt-get update && apt-get install -y curl"),
  DL3016: stage("RUN npm install express"),
  DL3017: { text: "FROM alpine:3\nRUN apk upgrade\n" },
  DL3018: { text: "FROM alpine:3\nRUN apk add --no-cache curl\n" },
  DL3019: { text: "FROM alpine:3\nRUN apk add curl\n" },
  DL3020: stage("ADD app.js /app/"),
  DL3021: stage("COPY a b /app"),
  DL3022: { text: "FROM debian:12 AS builder\nFROM debian:12\nCOPY --from=buidler /a /b\n" },
  DL3023: { text: "FROM debian:12 AS a\nCOPY --from=a /a /b\n" },
  DL3024: { text: "FROM debian:12 AS a\nFROM debian:12 AS a\n" },
  DL3025: stage("CMD node server.js"),
  DL3026: { text: "FROM ghcr.io/a/b:1\n", options: { trustedRegistries: ["docker.io"] } },
  DL3027: stage("RUN apt update && apt install -y curl"),
  DL3028: stage("RUN gem install rails"),
  DL3029: { text: "FROM --platform=linux/amd64 debian:12\n" },
  DL3030: stage("RUN yum install curl"),
  DL3031: stage("RUN yum -y update"),
  DL3032: stage("RUN yum install -y curl-8.1"),
  DL3033: stage("RUN yum install -y curl && yum clean all"),
  DL3034: stage("RUN zypper install curl"),
  DL3035: stage("RUN zypper dup -y"),
  DL3036: stage("RUN zypper install -y curl=8"),
  DL3037: stage("RUN zypper install -y curl && zypper clean"),
  DL3038: stage("RUN dnf install curl"),
  DL3039: stage("RUN dnf -y update"),
  DL3040: stage("RUN dnf install -y curl-8.1"),
  DL3041: stage("RUN dnf install -y curl && dnf clean all"),
  DL3042: stage("RUN pip install flask==3.0"),
  DL3043: stage("ONBUILD FROM debian:12"),
  DL3044: stage("ENV A=1 B=$A"),
  DL3045: stage("COPY a b"),
  DL3046: stage("RUN useradd -u 1234567 app"),
  DL3047: stage("RUN wget https://example.com/a"),
  DL3048: stage('LABEL Bad_Key.="x"'),
  DL3049: { ...stage("RUN true"), options: { labelSchema: { maintainer: "text" } } },
  DL3050: { ...stage('LABEL other="x"'), options: { labelSchema: { maintainer: "text" }, strictLabels: true } },
  DL3051: label("maintainer", "text", ""),
  DL3052: label("site", "url", "no url"),
  DL3053: label("created", "rfc3339", "yesterday"),
  DL3054: label("license", "spdx", "no-such-licence"),
  DL3055: label("revision", "hash", "not a hash"),
  DL3056: label("version", "semver", "one"),
  DL3057: stage('CMD ["a"]'),
  DL3058: label("contact", "email", "nobody"),
  DL3059: stage("RUN a\nRUN b"),
  DL3060: stage("RUN yarn install"),
  DL3061: { text: "RUN a\nFROM debian:12\n" },
  DL3062: stage("RUN go install example.com/a"),
  DL3063: { text: "FROM debian:12 AS context\n" },
  DL3064: stage("ENV API_KEY=abc"),
  DL3065: { text: "FROM --platform=$TARGETPLATFORM debian:12\n" },
  DL3066: stage("USER app"),
  DL3067: { text: "FROM debian:12 AS a\nRUN make\nFROM debian:12\nCOPY --from=a / /\n" },
  DL4000: stage("MAINTAINER me"),
  DL4001: stage("RUN curl -fsSL https://example.com/a -o a\nRUN wget -q https://example.com/b"),
  DL4003: stage('CMD ["a"]\nCMD ["b"]'),
  DL4004: stage('ENTRYPOINT ["a"]\nENTRYPOINT ["b"]'),
  DL4005: stage("RUN ln -sf /bin/bash /bin/sh"),
  DL4006: stage("RUN wget -qO- https://example.com/a | wc -l"),
};

const buildkit: Readonly<Record<string, Sample>> = {
  StageNameCasing: { text: "FROM debian:12 AS Build\n" },
  FromAsCasing: { text: "FROM debian:12 as build\n" },
  NoEmptyContinuation: stage("RUN a \\\n\n  && b"),
  ConsistentInstructionCasing: stage("run a\nRUN b"),
  DuplicateStageName: { text: "FROM debian:12 AS a\nFROM debian:12 AS A\n" },
  ReservedStageName: { text: "FROM debian:12 AS scratch\n" },
  JSONArgsRecommended: stage("ENTRYPOINT node server.js"),
  MaintainerDeprecated: stage("MAINTAINER me"),
  UndefinedArgInFrom: { text: "FROM debian:${VERSION}\n" },
  UndefinedVar: stage("ENV VERSION=1\nCOPY a /b/$VERSOIN"),
  WorkdirRelativePath: stage("WORKDIR app"),
  MultipleInstructionsDisallowed: stage('CMD ["a"]\nCMD ["b"]'),
  LegacyKeyValueFormat: stage("ENV A b"),
  InvalidBaseImagePlatform: { text: "FROM --platform=linux/amd64 arm64v8/debian:12\n" },
  RedundantTargetPlatform: { text: "FROM --platform=${TARGETPLATFORM} debian:12\n" },
  SecretsUsedInArgOrEnv: stage("ARG NPM_TOKEN\nRUN npm ci"),
  InvalidDefaultArgInFrom: { text: "ARG VERSION\nFROM debian:$VERSION\n" },
  FromPlatformFlagConstDisallowed: { text: "FROM --platform=linux/arm64 debian:12\n" },
  CopyIgnoredFile: { ...stage("COPY a.txt /a.txt"), files: { "a.txt": "", ".dockerignore": "a.txt\n" } },
  InvalidDefinitionDescription: { text: "# the version\nARG VERSION=12\nFROM debian:$VERSION\n" },
  ExposeProtoCasing: stage("EXPOSE 80/TCP"),
  ExposeInvalidFormat: stage("EXPOSE 127.0.0.1:80:80"),
};

const dockerfileUtils: Readonly<Record<string, Sample>> = {
  0: stage("run a\nRUN b"),
  1: { text: "# ESCAPE=`\nFROM debian:12\n" },
  2: stage("EXPOSE"),
  3: stage("STOPSIGNAL SIGTERM now"),
  5: stage("HEALTHCHECK"),
  6: stage("ENV A"),
  7: stage("COPY a"),
  8: { text: "FROM debian:12 AS\n" },
  9: stage("HEALTHCHECK NONE a"),
  10: { text: "FROM debian:12 AS a\nFROM debian:12 AS a\n" },
  11: stage("RUN a \\\n\n  && b"),
  12: { text: "FROM debian:12 AS 1a\n" },
  13: stage("HEALTHCHECK --retries=-1 CMD a"),
  14: stage("COPY --from=0 --from=1 a b"),
  15: stage("HEALTHCHECK --interval=soon CMD a"),
  16: stage("HEALTHCHECK --interval=1ns CMD a"),
  17: stage("HEALTHCHECK --interval=30 CMD a"),
  18: stage("COPY --chown a b"),
  19: stage("HEALTHCHECK --interval=3y CMD a"),
  20: { text: "# only a comment\n" },
  21: { text: "# escape=x\nFROM debian:12\n" },
  22: { text: "FROM debian:12 IS a\n" },
  23: stage("COPY a b /app"),
  24: stage("EXPOSE web"),
  25: stage("EXPOSE 80/http"),
  26: { text: "FROM debian:12:13\n" },
  27: stage("STOPSIGNAL SIGNOTHING"),
  28: stage("HEALTHCHECK --retries=few CMD a"),
  29: stage("ONBUILD ONBUILD RUN a"),
  30: stage("ONBUILD MAINTAINER me"),
  31: stage("SHELL bash -c"),
  32: stage("SHELL []"),
  33: stage("ENV A=1 B"),
  34: stage("ENV =1"),
  35: stage('ENV A="b'),
  36: stage("LABEL a='b"),
  37: stage('CMD ["a"]\nCMD ["b"]'),
  38: stage("NOSUCH thing"),
  39: stage("ADD --nosuch=1 a b"),
  40: stage("COPY --nosuch=1 a b"),
  41: { text: "FROM --nosuch=1 debian:12\n" },
  42: stage("HEALTHCHECK --nosuch=1 CMD a"),
  43: stage("HEALTHCHECK SOMETIMES a"),
  44: stage("ENV A=${B:x}"),
  45: stage("MAINTAINER me"),
  46: stage("HEALTHCHECK CMD"),
  47: stage("COPY --from=$A a b"),
  48: stage("COPY --link=maybe a b"),
  49: stage("CMD ['a', 'b']"),
  50: stage("WORKDIR app"),
  51: { text: "FROM ${BASE}\n" },
  52: { text: "# escape=`\n# escape=`\nFROM debian:12\n" },
};

const tools = { hadolint, buildkit, "dockerfile-utils": dockerfileUtils };

/** What we know better: hadolint and dockerfile-utils have no such codes any more, or never used them. */
describe("codes of other linters", () => {
  before(() => prepareLint());

  for (const [tool, samples] of Object.entries(tools)) {
    it(`of ${tool} are found where it finds them`, () => {
      const missing = Object.entries(samples).flatMap(([code, { text, options = {}, files }]) => {
        const name = `${tool}:${code}`;
        // What the preset leaves off is asked for by its name.
        const severities = { [name]: "warning" as const };
        const config = { ...defaultLintConfig, preset: "strict" as const, options, severities };
        const found = lintText(text, { config, project: memoryProject(files) });
        return found.some(({ sameAs }) => sameAs.includes(name)) ? [] : [code];
      });
      assert.deepEqual(missing, []);
    });
  }

  it("are all known that rules say they are", () => {
    const known = new Set(
      Object.entries(tools).flatMap(([tool, all]) => Object.keys(all).map((one) => `${tool}:${one}`)),
    );
    const others = codes.flatMap(({ sameAs }) => sameAs).filter((one) => !one.startsWith("shellcheck:"));
    assert.deepEqual(
      others.filter((one) => !known.has(one)),
      [],
    );
  });
});
