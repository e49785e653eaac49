// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import type { MappedText } from "../../../engine/analysis.ts";
import { type Message, msg } from "../../../engine/base/message.ts";
import { defineRule } from "../../lint/rule.ts";
import { type LiteralSecret, literalSecretsIn } from "../../lint/secrets.ts";

export default defineRule({
  id: "security/literal-secret",
  severity: "error",
  summary: msg("A secret stands here in plain text"),
  why: msg(
    "Everybody who sees this file, its repository's history or the image has it. Revoke it, and give the build a new one by --secret.",
  ),
  learn: msg(
    "Deleting the line does not help: the old version stays in the repository. Ask the service for a new secret, then use RUN --mount=type=secret.",
  ),
  sameAs: [],
  fix: "none",
  examples: [
    { bad: "FROM node\nENV ID=AKIA0000111122223333\n#      ^^^^^^^^^^^^^^^^^^^^\n" },
    {
      // Put together, so that nobody who looks for secrets in what we deliver finds one.
      bad: `FROM node\nRUN git clone https://me:hunter2@example.com/a.git && \\\n#                        ^^^^^^^\n  curl -H 'X: ghp_${"0".repeat(36)}' https://x\n#             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n`,
    },
    {
      bad: "FROM node\nRUN echo '//registry.npmjs.org/:_authToken=abcdefgh12345' > .npmrc\n#                                          ^^^^^^^^^^^^^\n",
    },
    { bad: "FROM node\nCOPY <<EOF /k\n-----BEGIN RSA PRIVATE KEY-----\n#^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\nEOF\n" },
    {
      bad: 'FROM node\nCMD ["a", "--t", "glpat-00000000000000000000"]\n#                 ^^^^^^^^^^^^^^^^^^^^^^^^^^\nONBUILD LABEL a=hf_000000000000000000000000000000000000\n#               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n',
    },
    {
      bad: "FROM node\nRUN printf 'machine example.com login me password hunter2' > ~/.netrc\n#                                                 ^^^^^^^\n",
    },
    {
      bad: "FROM node\nENV DATABASE_URL=postgres://app:hunter2@db:5432/app\n#                               ^^^^^^^\n",
    },
  ],
  fine: [
    "FROM node\nENV ID=AKIAIOSFODNN7EXAMPLE\nRUN git clone https://oauth2:${TOKEN}@example.com/a.git\n",
    "FROM node\nRUN echo '//r/:_authToken=${NPM_TOKEN}' > .npmrc && curl https://user@example.com:80/a@b\n",
    "FROM node\nRUN scp a@b:c d && curl https://example.com:8080/@scope/x http://proxy:3128\n",
    "FROM node\nENV URL=https://me:<password>@example.com U=redis://:xxx@h V=postgres://app:app@db/app W=mysql://me:password@db\n",
    "FROM node@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n",
  ],
  *instruction({ instruction: { rest, heredocs, trigger } }) {
    if (trigger) return;
    const texts: readonly MappedText[] = [rest, ...heredocs.map(({ body }) => body)];
    for (const text of texts) {
      for (const secret of literalSecretsIn(text.text)) {
        const range = text.rangeOf(secret.start, secret.end);
        // What a password opens may be a database on the developer's own machine.
        yield { range, message: said(secret), ...(secret.kind === "password" && { severity: "warning" }) };
      }
    }
  },
});

function said({ kind, service }: LiteralSecret): Message {
  if (kind === "key") return msg("A private key stands here in plain text");
  if (kind === "password" || !service) return msg("A password stands here in plain text");
  return msg("A secret of {service} stands here in plain text", { service });
}
