import assert from "node:assert/strict";
import { countSteps } from "../../../client/peer/steps.ts";

const text = `FROM node AS base
WORKDIR /app
FROM base AS deps
RUN npm ci
FROM alpine AS tools
RUN apk add curl
FROM base
ENV A=b
COPY --from=deps /app/node_modules ./node_modules
RUN --mount=type=bind,from=tools,target=/t x
CMD ["node", "."]
FROM scratch AS unused
`;
const shown = (target?: string) =>
  countSteps(text, target).map(
    ({ stage, keyword, layerPlace, place }) => `${stage} ${keyword} ${layerPlace ?? "-"} ${place}`,
  );

describe("client/peer/steps", () => {
  it("has the stages that the target needs, with places as builders count", () => {
    assert.deepEqual(shown("stage-3"), []);
    assert.deepEqual(shown("3"), [
      "base FROM 1 1",
      "base WORKDIR 2 2",
      "deps FROM - 1",
      "deps RUN 1 2",
      "tools FROM 1 1",
      "tools RUN 2 2",
      "stage-3 FROM - 1",
      "stage-3 ENV - 2",
      "stage-3 COPY 1 3",
      "stage-3 RUN 2 4",
      "stage-3 CMD - 5",
    ]);
    assert.deepEqual(shown("DEPS").length, 4);
    assert.deepEqual(shown(), ["unused FROM - 1"]);
  });

  it("writes steps as they are in the file, flags included", () => {
    assert.equal(countSteps(text, "3")[8]?.text, "COPY --from=deps /app/node_modules ./node_modules");
  });

  it("has nothing of what is no Dockerfile", () => {
    assert.deepEqual(countSteps("", undefined), []);
  });
});
