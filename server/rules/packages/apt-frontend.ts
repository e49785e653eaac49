import { msg } from "../../../engine/base/message.ts";
import { isShipped } from "../../lint/cleanups.ts";
import { replace } from "../../lint/fixes.ts";
import { pairsOf } from "../../lint/pairs.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "packages/apt-frontend",
  severity: "hint",
  summary: msg("ENV keeps DEBIAN_FRONTEND for good: people in the container get no questions either"),
  why: msg(
    "Only the build needs it. ARG DEBIAN_FRONTEND=noninteractive holds for every RUN below and is not in the image.",
  ),
  sameAs: [],
  fix: "suggestion",
  sees: ["ENV"],
  examples: [
    {
      bad: "FROM debian\nENV DEBIAN_FRONTEND=noninteractive\n#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\nRUN apt-get update\n",
      good: "FROM debian\nARG DEBIAN_FRONTEND=noninteractive\nRUN apt-get update\n",
    },
    {
      bad: "FROM debian\nenv DEBIAN_FRONTEND noninteractive\n#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n",
      good: "FROM debian\narg DEBIAN_FRONTEND=noninteractive\n",
    },
    {
      bad: "FROM debian\nENV LANG=C.UTF-8 \\\n    DEBIAN_FRONTEND=noninteractive\n#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\nONBUILD ENV A=b\n",
    },
  ],
  fine: [
    "FROM debian\nARG DEBIAN_FRONTEND=noninteractive\nRUN DEBIAN_FRONTEND=noninteractive apt-get install -y tzdata\n",
    "FROM debian\nENV DEBIAN_FRONTEND=noninteractive\nRUN apt-get install -y tzdata\nENV DEBIAN_FRONTEND=\n",
    "FROM debian AS build\nENV DEBIAN_FRONTEND=noninteractive\nFROM scratch\nCOPY --from=build /app /app\n",
  ],
  *stage(stage) {
    if (!isShipped(stage)) return;
    const settings = stage.only("ENV").flatMap(({ instruction, onbuild }) => {
      const { pairs, legacy } = pairsOf(instruction);
      return pairs.flatMap((pair) =>
        pair.name === "DEBIAN_FRONTEND" ? [{ instruction, onbuild, pair, legacy, isOnly: pairs.length === 1 }] : [],
      );
    });
    // One that is taken back, or changed, later is meant.
    const last = settings.at(-1);
    if (!last || last.onbuild || !/^["']?noninteractive/i.test(last.pair.value ?? "")) return;
    const { instruction, pair, legacy, isOnly } = last;
    const { keywordWord, rest } = instruction;
    const range = rest.rangeOf(pair.nameSpan.start, (pair.valueSpan ?? pair.nameSpan).end);
    const keyword = keywordWord.text === keywordWord.text.toLowerCase() ? "arg" : "ARG";
    const between =
      legacy && pair.valueSpan ? [replace(rest.rangeOf(pair.nameSpan.end, pair.valueSpan.start), "=")] : [];
    yield {
      range,
      ...(isOnly && {
        fix: {
          title: msg("Use {command}", { command: "ARG" }),
          edits: [replace(keywordWord.range, keyword), ...between],
        },
      }),
    };
  },
});
