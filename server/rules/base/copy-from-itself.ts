import { msg } from "../../../engine/base/message.ts";
import { defineRule } from "../../lint/rule.ts";
import { stageSources } from "../../lint/stage-sources.ts";

export default defineRule({
  id: "base/copy-from-itself",
  severity: "error",
  summary: msg("A stage takes files of itself"),
  why: msg("It would have to be finished before it can be built: the builder refuses it."),
  learn: msg("Files of the same stage are there already: move or copy them in a RUN."),
  sameAs: ["hadolint:DL3023"],
  fix: "none",
  sees: ["COPY", "@flags"],
  examples: [
    { bad: "FROM debian:12 AS app\nCOPY --from=App /a /b\n#           ^^^\n" },
    { bad: "FROM debian:12\nCOPY --from=0 /a /b\n#           ^\n" },
    { bad: "FROM debian:12 AS app\nRUN --mount=from=app,target=/x true\n#                ^^^\n" },
  ],
  fine: [
    "FROM debian:12 AS a\nFROM debian:12 AS b\nCOPY --from=a /a /b\nCOPY --from=0 /a /b\n",
    "FROM debian:12 AS app\nONBUILD COPY --from=app /a /b\n",
  ],
  *stage({ stage, name, index }) {
    for (const { text, range } of stageSources(stage)) {
      if (text.toLowerCase() === name || text === `${index}`) yield { range };
    }
  },
});
