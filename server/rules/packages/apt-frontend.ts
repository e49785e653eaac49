import { msg } from "../../../engine/base/message.ts";
import type { Instruction } from "../../../engine/dockerfile/model.ts";
import { isShipped } from "../../lint/cleanups.ts";
import { replace } from "../../lint/fixes.ts";
import { type Pair, pairsOf } from "../../lint/pairs.ts";
import { defineRule, type TextEdit } from "../../lint/rule.ts";

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
    {
      bad: "FROM debian\nENV DEBIAN_FRONTEND=dialog\nRUN a\nENV DEBIAN_FRONTEND=noninteractive\n#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n",
      good: "FROM debian\nARG DEBIAN_FRONTEND=dialog\nRUN a\nARG DEBIAN_FRONTEND=noninteractive\n",
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
    const { instruction, pair } = last;
    // Any ENV that stays would win over ARG.
    const canChange = settings.every(({ isOnly, onbuild }) => isOnly && !onbuild);
    yield {
      range: instruction.rest.rangeOf(pair.nameSpan.start, (pair.valueSpan ?? pair.nameSpan).end),
      ...(canChange && {
        fix: { title: msg("Use {command}", { command: "ARG" }), edits: settings.flatMap(asArgument) },
      }),
    };
  },
});

interface Setting {
  readonly instruction: Instruction;
  readonly pair: Pair;
  /** `ENV name value` */
  readonly legacy: boolean;
}

function asArgument({ instruction: { keywordWord, rest }, pair, legacy }: Setting): readonly TextEdit[] {
  const keyword = keywordWord.text === keywordWord.text.toLowerCase() ? "arg" : "ARG";
  const change = replace(keywordWord.range, keyword);
  if (!legacy || !pair.valueSpan) return [change];
  return [change, replace(rest.rangeOf(pair.nameSpan.end, pair.valueSpan.start), "=")];
}
