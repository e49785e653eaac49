// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import { expansionsOf, nearest } from "../../../engine/analysis.ts";
import { msg } from "../../../engine/base/message.ts";
import { replace } from "../../lint/fixes.ts";
import { isBuildersArgument } from "../../lint/known-variables.ts";
import { defineRule, type Report } from "../../lint/rule.ts";

export default defineRule({
  id: "base/undefined-arg",
  severity: "warning",
  summary: msg("FROM uses an argument that no ARG above the first FROM declares"),
  why: msg("It is empty then, whatever is given with --build-arg: the name of the image becomes another one or none."),
  learn: msg("Put a line ARG NAME=value above the first FROM. An ARG below a FROM belongs to that stage only."),
  sameAs: ["buildkit:UndefinedArgInFrom", "dockerfile-utils:51"],
  fix: "suggestion",
  sees: [],
  examples: [
    {
      bad: "ARG VERSION=24\nFROM node:$VERSOIN\n#          ^^^^^^^\n",
      good: "ARG VERSION=24\nFROM node:$VERSION\n",
    },
    { bad: "ARG BASE~=a\nFROM node:$BASE\n#         ^^^^^\n" },
    { bad: "FROM node:24\nARG BASE=nginx\nFROM ${BASE}\n#    ^^^^^^^\n" },
    {
      bad: "FROM --platform=$BUILDPLATFROM node:24\n#                ^^^^^^^^^^^^^\n",
      good: "FROM --platform=$BUILDPLATFORM node:24\n",
    },
  ],
  fine: [
    "ARG V\nFROM --platform=$BUILDPLATFORM node:$V\nFROM node:${W:-24}\nFROM a:$TARGETARCH\n",
    "ARG A=1\nARG B=$A\nFROM node:$B AS a\nFROM a\n",
  ],
  *file({ dockerfile, globals, stages }) {
    let names: readonly string[] | undefined;
    for (const { stage } of stages) {
      const { from } = stage;
      if (!from.rest.text.includes("$") && from.flags.length === 0) continue;
      const [image] = from.words;
      for (const { name, operator, range, nameRange } of expansionsOf(from, dockerfile.escape)) {
        if (/[-+?]/.test(operator) || globals.has(name) || isBuildersArgument(name)) continue;
        names ??= [
          "TARGETPLATFORM",
          "TARGETARCH",
          "TARGETOS",
          "BUILDPLATFORM",
          ...[...globals.keys()].slice(-50),
        ].filter((one) => /^[A-Za-z_]\w*$/.test(one));
        const meant = nearest(name, names);
        const isAll =
          image !== undefined &&
          /^\$(?:\w+|\{\w+\})$/.test(image.text) &&
          image.range.start.character === range.start.character;
        yield {
          // With the dollar sign for nothing to be guessed, else the name that is replaced.
          range: meant === undefined ? range : nameRange,
          ...(isAll && meant === undefined && { severity: "error" as const }),
          ...told(name, meant),
          ...(meant !== undefined && {
            fix: { title: msg("Write {name}", { name: meant }), edits: [replace(nameRange, meant)] },
          }),
        };
      }
    }
  },
});

function told(name: string, meant: string | undefined): Pick<Report, "message"> {
  return {
    message:
      meant === undefined
        ? msg("No ARG above the first FROM declares {name}: it is empty here", { name })
        : msg("No ARG above the first FROM declares {name}. Did you mean {meant}?", { name, meant }),
  };
}
