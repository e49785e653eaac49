import { msg } from "../../../engine/base/message.ts";
import { ignoreThem, isShipped, listOf, secretsIn, wholeCopies } from "../../lint/context-contents.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "build/secrets-in-context",
  severity: "warning",
  summary: msg("This copies everything in the folder, secrets too"),
  why: msg(
    "Whoever has the image can read each of its files, also those that a later step deletes. Leave secrets out with .dockerignore; give them to the container when it starts, or to one RUN with --mount=type=secret.",
  ),
  sameAs: [],
  fix: "safe",
  sees: ["COPY", "ADD", "@flags"],
  examples: [
    {
      files: { Dockerfile: "", ".env": "PASSWORD=x", "server.js": "" },
      bad: "FROM node\nWORKDIR /app\nCOPY . .\n#    ^\n",
      filesAfter: { ".dockerignore": ".env\n" },
    },
    {
      files: {
        ".dockerignore": "node_modules\n",
        id_rsa: "",
        "tls.key": "-----BEGIN PRIVATE KEY-----\n",
        ".npmrc": "//r/:_authToken=abc\n",
      },
      bad: "FROM node\nCOPY . /app/\n#    ^\n",
      filesAfter: { ".dockerignore": "node_modules\n.npmrc\nid_rsa\ntls.key\n" },
    },
  ],
  fine: [
    { files: { ".dockerignore": ".env*\n", ".env": "A=1", ".env.local": "B=1" }, text: "FROM node\nCOPY . /app\n" },
    {
      files: { ".env.example": "A=\n", ".env": "", "ca.pem": "-----BEGIN CERTIFICATE-----\n" },
      text: "FROM node\nCOPY . /app\n",
    },
    { files: { ".npmrc": `//r/:_authToken=\${TOKEN}\n`, "i18n.key": "" }, text: "FROM node\nCOPY . /app\n" },
    { files: { ".env": "A=1" }, text: "FROM node\nCOPY src /app\n" },
    "FROM node\nCOPY . /app\n",
  ],
  *file(view) {
    const { project } = view;
    if (!project.known) return;
    const names = secretsIn(project);
    const [copy] = names.length > 0 ? wholeCopies(view) : [];
    if (!copy) return;
    yield {
      range: copy.source.range,
      message: msg("This copies everything, also {names}: whoever has the image can read it", { names: listOf(names) }),
      // A stage that only gives files to others stays on this machine.
      ...(!isShipped(copy.stage) && { severity: "hint" }),
      fix: ignoreThem(
        project,
        names,
        msg("Leave them out with {file}", { file: project.ignore?.name ?? ".dockerignore" }),
      ),
    };
  },
});
