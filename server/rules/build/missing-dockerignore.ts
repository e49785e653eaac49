import { msg } from "../../../engine/base/message.ts";
import { ignoreThem, listOf, wasteIn, wholeCopies } from "../../lint/context-contents.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "build/missing-dockerignore",
  severity: "warning",
  summary: msg("This copies everything in the folder, and there is no .dockerignore to leave anything out"),
  why: msg(
    "Installed packages, version history and build output of this machine make the build slow and the image large, and each change in them repeats the steps below.",
  ),
  learn: msg(
    "A file .dockerignore beside the Dockerfile names what COPY shall not see, one path or pattern a line, like .gitignore. The image installs its own packages; those of this machine may not even fit it.",
  ),
  sameAs: [],
  fix: "safe",
  sees: ["COPY", "ADD", "RUN"],
  examples: [
    {
      files: {
        Dockerfile: "",
        ".git/HEAD": "",
        "node_modules/a/package.json": "",
        "package.json": "{}",
      },
      bad: "FROM node\nWORKDIR /app\nCOPY . .\n#    ^\nRUN npm ci\n",
      filesAfter: { ".dockerignore": ".git\nnode_modules\n" },
    },
    {
      files: { Dockerfile: "", ".venv/bin/python": "", "app.py": "" },
      bad: 'FROM python\nADD ["./", "/app"]\n#    ^^^^\n',
      filesAfter: { ".dockerignore": ".venv\n" },
    },
    {
      files: { "target/a": "", "Cargo.toml": "" },
      bad: "FROM rust AS build\nCOPY . /src\n#    ^\nRUN cargo build --release\nFROM debian\nCOPY --from=build /src/target/release/a /\n",
      filesAfter: { ".dockerignore": "target\n" },
    },
  ],
  fine: [
    { files: { ".git/HEAD": "" }, text: "FROM node\nCOPY src /app\n" },
    { files: { ".git/HEAD": "", ".dockerignore": "" }, text: "FROM node\nCOPY . /app\n" },
    { files: { "node_modules/a": "" }, text: "FROM node\nCOPY . /app\n" },
    { files: { ".git/HEAD": "" }, text: "FROM golang\nCOPY . /app\nRUN git describe > /version\n" },
    { files: { "server.js": "" }, text: "FROM node\nCOPY . /app\n" },
    { files: { "dist/a": "" }, text: "FROM nginx\nCOPY . /usr/share/nginx/html\n" },
    "FROM node\nCOPY . /app\n",
  ],
  *file(view) {
    const { project } = view;
    if (!project.known || project.ignore) return;
    for (const copy of wholeCopies(view)) {
      const waste = wasteIn(copy, view);
      if (waste.length === 0) continue;
      yield {
        range: copy.source.range,
        message: msg("This copies everything, also {names}: there is no .dockerignore to leave it out", {
          names: listOf(waste),
        }),
        fix: ignoreThem(project, waste, msg("Make a .dockerignore for them")),
      };
      return;
    }
  },
});
