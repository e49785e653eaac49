import { msg } from "../../../engine/base/message.ts";
import { replace } from "../../lint/fixes.ts";
import { pairsOf } from "../../lint/pairs.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "image/path-lost",
  severity: "warning",
  summary: msg("This PATH leaves out the old one: programs like ls and sh are no longer found"),
  why: msg("PATH is the list of folders that hold programs. Put the new folder before the old list: /opt/bin:$PATH"),
  sameAs: [],
  fix: "suggestion",
  keywords: ["ENV"],
  examples: [
    { bad: "FROM node\nENV PATH=/opt/bin\n#        ^^^^^^^^\n", good: "FROM node\nENV PATH=/opt/bin:$PATH\n" },
    {
      bad: 'FROM node\nENV A=b PATH="$A/bin:/x"\n#            ^^^^^^^^^^^\n',
      good: 'FROM node\nENV A=b PATH="$A/bin:/x:$PATH"\n',
    },
    { bad: "FROM node\nENV PATH /opt/bin\n#        ^^^^^^^^\n", good: "FROM node\nENV PATH /opt/bin:$PATH\n" },
    { bad: "FROM node\nONBUILD ENV PATH='/a:$PATH'\n#                ^^^^^^^^^^\n" },
  ],
  fine: [
    "FROM node\nENV PATH=/opt/bin:$PATH\n",
    `FROM node\nENV PATH="/opt/bin:\${PATH}" NODE_PATH=/x\nENV PATH=\${PATH:+$PATH:}/x\n`,
    "FROM node\nENV PATH=/opt/bin:/usr/local/bin:/usr/bin:/bin\nENV PATH=$OTHER\nENV PATH=/a:$OTHER\n",
    "FROM mcr.microsoft.com/windows/nanoserver:1\nENV PATH=C:\\tool;%PATH%\n",
  ],
  *instruction({ instruction }) {
    const { rest } = instruction;
    for (const { name, value = "", valueSpan } of pairsOf(instruction).pairs) {
      if (name !== "PATH" || !valueSpan || value === "") continue;
      const isLiteral = value.startsWith("'");
      const plain = value.replace(/^(["'])(.*)\1$/, "$2");
      const folders = plain.split(":");
      // A variable that is a whole entry may hold the old list.
      if (
        !isLiteral &&
        folders.some((folder) => /^\$\w+$|\$\{[^}]*$|^\$\{\w+\}$/.test(folder) || /\bPATH\b/.test(folder))
      )
        continue;
      if (folders.some((folder) => /^\/(?:usr\/)?bin\/?$/.test(folder)) || /[;%\\]/.test(plain)) continue;
      const at = valueSpan.end - (value.startsWith('"') ? 1 : 0);
      yield {
        range: rest.rangeOf(valueSpan.start, valueSpan.end),
        ...(!isLiteral && {
          fix: { title: msg("Keep the old PATH"), edits: [replace(rest.rangeOf(at, at), ":$PATH")] },
        }),
      };
    }
  },
});
