import assert from "node:assert/strict";
import { buildPlan } from "../../../server/features/build-plan.ts";

const text = `ARG TAG=24
FROM node:\${TAG} AS deps
ARG REGISTRY=https://\${HOST:-registry}
RUN npm ci \\
  --omit=dev

FROM alpine AS docs
RUN echo docs

FROM deps AS build
ARG TAG
RUN <<EOF
npm run build
EOF

FROM nginx
COPY --from=build /app/dist /html
`;

describe("the plan of a build", () => {
  it("has each instruction with its lines and its stage", () => {
    const { instructions } = buildPlan({ text });
    assert.deepEqual(
      instructions.map(({ stage, text: words, line, endLine }) => `${stage} ${line}-${endLine} ${words}`),
      [
        "-1 0-0 ARG TAG=24",
        `0 1-1 FROM node:\${TAG} AS deps`,
        `0 2-2 ARG REGISTRY=https://\${HOST:-registry}`,
        "0 3-4 RUN npm ci   --omit=dev",
        "1 6-6 FROM alpine AS docs",
        "1 7-7 RUN echo docs",
        "2 9-9 FROM deps AS build",
        "2 10-10 ARG TAG",
        "2 11-13 RUN <<EOF",
        "3 15-15 FROM nginx",
        "3 16-16 COPY --from=build /app/dist /html",
      ],
    );
  });

  it("knows which stages the target needs, and where they are asked for", () => {
    const needed = (target?: string) =>
      buildPlan({ text, ...(target === undefined ? {} : { target }) })
        .stages.filter(({ isNeeded }) => isNeeded)
        .map(({ name }) => name);
    assert.deepEqual(needed(), ["deps", "build", "stage-3"]);
    assert.deepEqual(needed("BUILD"), ["deps", "build"]);
    assert.deepEqual(needed("1"), ["docs"]);
    assert.equal(buildPlan({ text, target: "nothing" }).target, undefined);
    assert.deepEqual(buildPlan({ text }).stages[3]?.uses, [{ stage: 2, line: 16 }]);
    assert.deepEqual(buildPlan({ text }).stages[2]?.uses, [{ stage: 0, line: 9 }]);
  });

  it("has the values of arguments, the build's before the file's; what the base image may set stays as written", () => {
    const args = (buildArgs: Record<string, string>) =>
      buildPlan({ text, buildArgs }).stages.flatMap((stage) => stage.args.map(({ name, value }) => `${name}=${value}`));
    assert.deepEqual(args({}), [`REGISTRY=https://\${HOST:-registry}`, "TAG=24"]);
    assert.deepEqual(args({ TAG: "22", REGISTRY: "http://own" }), ["REGISTRY=http://own", "TAG=22"]);
  });

  it("names the mistake for which nothing can be built", () => {
    assert.equal(buildPlan({ text: "FROM a\nFRO b\n" }).problem?.line, 1);
    assert.equal(buildPlan({ text }).problem, undefined);
    assert.deepEqual(buildPlan({ text: "" }).stages, []);
  });
});
