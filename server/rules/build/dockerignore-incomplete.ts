import { msg } from "../../../engine/base/message.ts";
import { ignoreThem, listOf, wasteIn, wholeCopies } from "../../lint/context-contents.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "build/dockerignore-incomplete",
  severity: "warning",
  summary: msg("This copies everything, and the ignore file leaves in what the image does not need"),
  why: msg(
    "Installed packages, version history and build output of this machine make the build slow and the image large, and each change in them repeats the steps below.",
  ),
  sameAs: [],
  fix: "safe",
  sees: ["COPY", "ADD", "RUN"],
  examples: [
    {
      files: { ".dockerignore": "*.log\n", ".git/HEAD": "", "node_modules/a": "", "package.json": "{}" },
      bad: "FROM node\nWORKDIR /app\nCOPY . .\n#    ^\nRUN npm ci\n",
      filesAfter: { ".dockerignore": "*.log\n.git\nnode_modules\n" },
    },
    {
      files: { ".dockerignore": "a", ".venv/x": "" },
      bad: "FROM python\nWORKDIR /app\nONBUILD COPY ./* .\n#            ^^^\n",
      filesAfter: { ".dockerignore": "a\n.venv\n" },
    },
  ],
  fine: [
    {
      files: { ".dockerignore": "**/node_modules\n.g*\n", ".git/x": "", "node_modules/a": "" },
      text: "FROM node\nCOPY . /app\nRUN cd /app && npm ci\n",
    },
    { files: { ".dockerignore": "*\n!src\n", ".git/x": "", "src/a": "" }, text: "FROM node\nCOPY . /app\n" },
    { files: { ".git/x": "" }, text: "FROM node\nCOPY . /app\n" },
  ],
  *file(view) {
    const { project } = view;
    if (!project.known || !project.ignore) return;
    for (const copy of wholeCopies(view)) {
      const waste = wasteIn(copy, view);
      if (waste.length === 0) continue;
      const names = listOf(waste);
      const file = project.ignore.name;
      yield {
        range: copy.source.range,
        message: msg("This copies everything, and {file} does not leave out {names}", { file, names }),
        fix: ignoreThem(project, waste, msg("Add them to {file}", { file })),
      };
      return;
    }
  },
});
