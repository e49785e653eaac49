import assert from "node:assert/strict";
import { buildFacts } from "../../../server/features/build-facts.ts";

describe("server/features/build-facts", () => {
  it("says what can be chosen, and what the context must have", () => {
    const facts = buildFacts(`ARG TAG=24
FROM node:$TAG AS deps
ARG TAG
ARG MODE
COPY package.json package-lock.json ./
RUN --mount=type=secret,id=npm --mount=type=cache,target=/c --mount=type=secret,target=/run/secrets/two npm ci
FROM deps
COPY --from=deps /app /app
COPY ["a b", "/c/"]
ADD https://example.com/x $HERE /y/
COPY <<EOF /z
EOF
EXPOSE 80 53/udp
`);
    assert.deepEqual(facts, {
      stages: [
        { name: "deps", base: "node:$TAG", line: 1 },
        { base: "deps", line: 6 },
      ],
      args: [{ name: "TAG", default: "24" }, { name: "MODE" }],
      sources: ["package.json", "package-lock.json", "a b"],
      ports: ["80", "53/udp"],
      secrets: ["npm", "two"],
    });
  });

  it("says what it can of a broken file", () => {
    assert.deepEqual(buildFacts("COPY\nFRO\nRUN --mount"), {
      stages: [],
      args: [],
      sources: [],
      ports: [],
      secrets: [],
    });
  });
});
