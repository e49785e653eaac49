import { msg } from "../../../engine/base/message.ts";
import { isShipped } from "../../lint/cleanups.ts";
import { contextPath, contextSources } from "../../lint/copy-parts.ts";
import { defineRule } from "../../lint/rule.ts";
import { isSecretFile } from "../../lint/secrets.ts";
import type { ProjectView } from "../../lint/views.ts";

export default defineRule({
  id: "security/copied-secret",
  severity: "warning",
  summary: msg("The name of this file says that it holds a secret: whoever has the image can read it"),
  why: msg(
    "A layer keeps its files for ever, also when a later step deletes them. Mount the file for the RUN that needs it, with --mount=type=secret, or into the container when it starts.",
  ),
  sameAs: [],
  note: msg(
    "In a stage whose files are not shipped it is a hint: the secret stays in the build cache of this machine. What COPY . takes along is another rule's.",
  ),
  fix: "none",
  sees: ["COPY", "ADD"],
  examples: [
    { bad: "FROM node\nCOPY .env package.json /app/\n#    ^^^^\n" },
    {
      bad: 'FROM debian\nADD id_rsa /root/.ssh/id_rsa\n#   ^^^^^^\nCOPY --chmod=600 ["certs/server.key", "/etc/"]\n#                 ^^^^^^^^^^^^^^^^^^\n',
    },
    {
      bad: "FROM debian\nONBUILD COPY .aws/credentials .ssh/ /root/\n#            ^^^^^^^^^^^^^^^^\n#                             ^^^^^\n",
    },
    { bad: "FROM node\nCOPY package.json .npmrc ./\n#                 ^^^^^^\n" },
    { files: { ".npmrc": "//r/:_authToken=abcdefgh\n" }, bad: "FROM node\nCOPY .npmrc ./\n#    ^^^^^^\n" },
    { bad: "FROM node AS a\nCOPY credentials.json /\n#    ^^^^^^^^^^^^^^^^\nFROM node\nCOPY --from=a /x /\n" },
  ],
  fine: [
    "FROM node\nCOPY .env.example id_rsa.pub ca.pem fullchain.pem public.key cacerts.jks /app/\n",
    { files: { ".npmrc": "registry=https://r\n" }, text: "FROM node\nCOPY .npmrc ./\n" },
    { files: { ".npmrc": "//r/:_authToken=$TOKEN\n" }, text: "FROM node\nCOPY .npmrc ./\n" },
    { files: { ".env": "", "i18n.key": "hello=1\n" }, text: "FROM node\nCOPY .env i18n.key ./\n" },
    "FROM node AS a\nFROM node\nCOPY --from=a /.env /\nCOPY . .\n",
  ],
  *stage(view) {
    for (const { instruction } of view.only("COPY", "ADD")) {
      for (const { text, range } of contextSources(instruction)) {
        const path = contextPath(text);
        if (!isSecretFile(path) || isHarmless(path, view.project)) continue;
        const message = msg("{file} holds a secret by its name: whoever has the image can read it", { file: text });
        // What is in a .npmrc that cannot be seen is a guess.
        const isGuess = path.endsWith(".npmrc") && view.project.text(path) === undefined;
        yield { range, message, ...((!isShipped(view) || isGuess) && { severity: "hint" }) };
      }
    }
  },
});

/** The file can be seen, and there is no secret in it. */
function isHarmless(path: string, project: ProjectView): boolean {
  const text = project.text(path);
  if (text === undefined) return false;
  if (path.endsWith(".npmrc")) return !/_(?:authToken|password|auth)\s*=\s*[^\s$]/.test(text);
  return text.trim() === "" || (/\.(?:pem|key)$/.test(path) && !/PRIVATE KEY-----/.test(text));
}
