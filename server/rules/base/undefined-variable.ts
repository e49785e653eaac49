// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import { expansionsOf, nearest } from "../../../engine/analysis.ts";
import { msg } from "../../../engine/base/message.ts";
import { insertAbove, replace } from "../../lint/fixes.ts";
import { isOftenInherited, platformArguments } from "../../lint/known-variables.ts";
import { defineRule, type Report } from "../../lint/rule.ts";
import type { InstructionView, StageView } from "../../lint/views.ts";

export default defineRule({
  id: "base/undefined-variable",
  severity: "warning",
  summary: msg("The variable is not set here: the builder puts nothing in its place"),
  why: msg("A path or a name with a hole in it is mostly valid, so the mistake shows up much later."),
  learn: msg("A variable has to be set above, by ARG or ENV of the same stage. Mind capitals and underscores."),
  sameAs: ["buildkit:UndefinedVar"],
  note: msg(
    "What the base image sets is not known while you type: only what cannot come from there is reported, and what is nearly the name of a variable of this file.",
  ),
  fix: "suggestion",
  sees: [
    "ADD",
    "ARG",
    "COPY",
    "ENV",
    "EXPOSE",
    "LABEL",
    "ONBUILD",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
    "SHELL",
    "MAINTAINER",
    "@flags",
  ],
  examples: [
    {
      bad: "FROM debian:12\nENV APP_HOME=/app\nWORKDIR $APP_HMOE\n#        ^^^^^^^^\n",
      good: "FROM debian:12\nENV APP_HOME=/app\nWORKDIR $APP_HOME\n",
    },
    {
      bad: "FROM debian:12\nCOPY bin/$TARGETARCH/app /app\n#        ^^^^^^^^^^^\n",
      good: "FROM debian:12\nARG TARGETARCH\nCOPY bin/$TARGETARCH/app /app\n",
    },
    { bad: "FROM scratch AS a\nFROM a\nCOPY app ${DESTINATION}/\n#        ^^^^^^^^^^^^^^\n" },
    { bad: "FROM scratch\nLABEL version=$VERSION\n#             ^^^^^^^^\n" },
  ],
  fine: [
    "FROM debian:12\nWORKDIR $FOO\nENV PATH=/x:$PATH\nCOPY a ${DIR:-/x}\nARG X\nUSER $X\nRUN echo $XX\n",
    "FROM scratch\nENV PATH=/x:$PATH HERE=/y\nENV THERE=$HERE\nONBUILD COPY a $DIR\n",
    "FROM debian:12 AS a\nENV DIR=/a\nFROM a\nWORKDIR $DIR\n",
    "FROM scratch\nENV A=1 B=$A\n",
    "FROM debian:12\nENV A=1\nWORKDIR /app/$B\n",
    "FROM debian:12\nARG GIT_COMMIT#\nENV COMMIT=$GIT_COMMIT\n",
  ],
  *stage(view) {
    const isEmpty = startsEmpty(view);
    let guesses = 0;
    for (const one of view.instructions) {
      const { instruction, onbuild, escape: escapeChar } = one;
      // A trigger sees the variables of the stage that is built from the image.
      if (onbuild || instruction.trigger) continue;
      const used = expansionsOf(instruction, escapeChar);
      if (used.length === 0) continue;
      const set = view.variablesAt(instruction);
      for (const { name, operator, range, nameRange } of used) {
        if (/[-+?]/.test(operator) || set.has(name) || !isName(name)) continue;
        if (isOftenInherited(name) || setsItself(one, name)) continue;
        const automatic = platformArguments.has(name);
        // Many unknown names in one stage: a template. Guessing for all of them would cost the square of the stage.
        guesses += 1;
        const meant = automatic || guesses > 20 ? undefined : nearest(name, [...set.keys()].filter(isName));
        if (meant !== undefined) yield misspelt(name, meant, nameRange);
        else if (automatic) yield { range, ...undeclared(name, one) };
        else if (isEmpty)
          yield { range, message: msg("{name} is not set here: nothing is put in its place", { name }) };
      }
    }
  },
});

function isName(text: string): boolean {
  return /^[A-Za-z_]\w*$/.test(text);
}

function misspelt(name: string, meant: string, range: Report["range"]): Report {
  return {
    range,
    message: msg("{name} is not set here. Did you mean {meant}?", { name, meant }),
    fix: { title: msg("Write {name}", { name: meant }), edits: [replace(range, meant)] },
  };
}

function undeclared(name: string, { instruction }: InstructionView): Pick<Report, "message" | "fix"> {
  return {
    message: msg("The builder sets {name} only behind a line ARG {name} of this stage: it is empty here", { name }),
    fix: {
      title: msg("Insert {line} above", { line: `ARG ${name}` }),
      edits: [insertAbove(instruction, `ARG ${name}`)],
    },
  };
}

/** `ENV A=1 B=$A` and `ENV X=$X:y` are other rules' or a matter of the base image. */
function setsItself({ keyword, instruction }: InstructionView, name: string): boolean {
  const start = `${name}=`;
  return keyword === "ENV" && instruction.words.some(({ text }) => text === name || text.startsWith(start));
}

/** Built from scratch, through stages of this file: nothing can be inherited. */
function startsEmpty(view: StageView): boolean {
  let root = view;
  for (let depth = 0; root.parent && depth < 20; depth += 1) root = root.parent;
  return root.base.kind === "scratch";
}
