import { msg } from "../../../engine/base/message.ts";
import { contextPath, contextSources } from "../../lint/copy-parts.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "build/copy-outside-context",
  severity: "error",
  summary: msg("COPY cannot take files from outside the build context"),
  why: msg(
    "Only the folder that is given to the build can be read, and .. stops at its top. Build from the folder above and say which Dockerfile: docker build -f sub/Dockerfile ..",
  ),
  sameAs: [],
  fix: "none",
  keywords: ["COPY", "ADD"],
  examples: [
    { bad: "FROM node\nCOPY ../shared /app/shared\n#    ^^^^^^^^^\n" },
    { bad: 'FROM node\nCOPY ["./../a", "sub/../../b", "/app/"]\n#     ^^^^^^^^\n#               ^^^^^^^^^^^^^\n' },
    { bad: "FROM node\nONBUILD ADD .. /app\n#           ^^\n" },
  ],
  fine: ["FROM node\nCOPY --from=x ../a /b\nCOPY a/../b /c\nCOPY ..a /b\nCOPY a ../b\n"],
  *instruction({ instruction }) {
    for (const { text, range } of contextSources(instruction)) {
      if (!leavesContext(text)) continue;
      yield {
        range,
        message: msg("COPY cannot leave the build context: {path} is read as {inside}", {
          path: text,
          inside: contextPath(text) || ".",
        }),
      };
    }
  },
});

function leavesContext(path: string): boolean {
  let depth = 0;
  for (const part of path.split("/")) {
    if (part === "..") depth -= 1;
    else if (part !== "" && part !== ".") depth += 1;
    if (depth < 0) return true;
  }
  return false;
}
