import { msg } from "../../../engine/base/message.ts";
import { replace } from "../../lint/fixes.ts";
import { labelsOf } from "../../lint/labels.ts";
import { defineRule } from "../../lint/rule.ts";

const wellFormed = /^[a-z](?:[a-z0-9./_-]*[a-z0-9])?$/;
const reserved = /^(?:com\.docker|io\.docker|org\.dockerproject)\./;
/** Of Docker's own, what authors of extensions must set. */
const forExtensions = /^com\.docker\.(?:desktop|extension)\./;

export default defineRule({
  id: "image/label-key",
  severity: "hint",
  presets: { strict: "info" },
  summary: msg("A label's name has lower case letters, digits, dots, dashes and slashes"),
  why: msg(
    "Docker's guidelines keep names to these, and the names below com.docker, io.docker and org.dockerproject to itself.",
  ),
  sameAs: ["hadolint:DL3048"],
  note: msg("Labels that extensions of Docker Desktop must have are fine here."),
  fix: "suggestion",
  keywords: ["LABEL"],
  examples: [
    { bad: "FROM node\nLABEL Version=1 a=b\n#     ^^^^^^^\n", good: "FROM node\nLABEL version=1 a=b\n" },
    {
      bad: "FROM node\nONBUILD LABEL Main.Owner me\n#             ^^^^^^^^^^\n",
      good: "FROM node\nONBUILD LABEL main.owner me\n",
    },
    {
      bad: 'FROM node\nLABEL a..b=1 "x--y"=2 1st=3 com.docker.x=4\n#     ^^^^\n#            ^^^^^^\n#                     ^^^\n#                           ^^^^^^^^^^^^\n',
    },
  ],
  fine: [
    "FROM node\nLABEL maintainer=me org.opencontainers.image.source=x a-b_c/d=1 $X=y\n",
    'FROM node\nLABEL com.docker.extension.categories="x" com.docker.desktop.extension.api.version=1\n',
  ],
  *instruction({ instruction }) {
    for (const { name, nameRange } of labelsOf(instruction)) {
      if (name === "" || forExtensions.test(name)) continue;
      if (isGood(name)) continue;
      const lower = name.toLowerCase();
      yield isGood(lower)
        ? {
            range: nameRange,
            fix: { title: msg("Change it to {name}", { name: lower }), edits: [replace(nameRange, lower)] },
          }
        : { range: nameRange };
    }
  },
});

function isGood(name: string): boolean {
  return wellFormed.test(name) && !/\.\.|--/.test(name) && !reserved.test(name);
}
