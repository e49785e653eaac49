import { apk, packageCalls, pinSummary, pinWhy, unpinned } from "../../lint/packages.ts";
import { defineRule } from "../../lint/rule.ts";

/** With a version, a file, or a package that is to go. */
const pinned = /[=~<>]|\.apk$|^!/;

export default defineRule({
  id: "packages/apk-pin",
  severity: "hint",
  presets: { strict: "warning" },
  summary: pinSummary("apk"),
  why: pinWhy("apk add curl~=8.9"),
  sameAs: ["hadolint:DL3018"],
  fix: "none",
  keywords: ["RUN"],
  sees: ["apk"],
  examples: [
    { bad: "FROM alpine\nRUN apk add --no-cache curl git=2.45 jq\n#                      ^^^^\n" },
    { bad: "FROM alpine\nRUN apk --update add -t .deps --repository http://a.org \\\n    curl@edge\n#   ^^^^^^^^^\n" },
    {
      bad: 'FROM alpine\nRUN ["sh", "-c", "apk add curl\n#       ^^^^"]\nONBUILD RUN sudo apk add git\n#                        ^^^\n',
    },
    { bad: "FROM alpine\nRUN <<EOF\napk add curl\n#       ^^^^\nEOF\n" },
  ],
  fine: [
    "FROM alpine\nRUN apk add --no-cache 'curl~=8.9' \"git>2\" ./local.apk\n",
    "FROM alpine\nRUN apk add --virtual .deps gcc=13.2 && apk del .deps\n",
    "FROM alpine\nRUN apk add --no-cache $PACKAGES\n",
  ],
  instruction(view) {
    return unpinned(packageCalls(view.commands("apk"), apk, ["add"]), (word) => pinned.test(word));
  },
});
