// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables

import { msg } from "../../../engine/base/message.ts";
import { pairsOf } from "../../lint/pairs.ts";
import { defineRule } from "../../lint/rule.ts";
import { isHarmlessValue, isSecretName } from "../../lint/secrets.ts";

export default defineRule({
  id: "security/secret-in-variable",
  severity: "warning",
  summary: msg("Whoever has the image can read this variable: it is no place for a secret"),
  why: msg(
    "ENV stands in the image's configuration, and the values of ARG in its history. A RUN gets a secret by --mount=type=secret, a container when it starts.",
  ),
  learn: msg(
    "Build with `--secret id=token,env=TOKEN` and write `RUN --mount=type=secret,id=token,env=TOKEN …`: the value is there for this command, and nowhere in the image.",
  ),
  sameAs: ["hadolint:DL3064", "buildkit:SecretsUsedInArgOrEnv"],
  note: msg(
    "Names of something about a secret are left alone (TOKEN_URL, KEY_NAME, PASSWORD_FILE, GPG_KEY), and so are ENV values that are empty, a path or a switch. A user name is no secret.",
  ),
  fix: "none",
  keywords: ["ARG", "ENV"],
  examples: [
    {
      bad: "FROM node\nARG NPM_TOKEN\n#   ^^^^^^^^^\nENV DB_PASSWORD=x API_URL=y apiKey=z\n#   ^^^^^^^^^^^\n#                           ^^^^^^\n",
    },
    {
      bad: "FROM node\nENV MYSQL_ROOT_PASSWORD a b\n#   ^^^^^^^^^^^^^^^^^^^\nONBUILD ARG SECRET=x\n#           ^^^^^^\n",
    },
    {
      bad: "ARG AWS_SECRET_ACCESS_KEY\n#   ^^^^^^^^^^^^^^^^^^^^^\nFROM node\nARG AWS_ACCESS_KEY_ID\n#   ^^^^^^^^^^^^^^^^^\nENV A=1 \\\n  GITHUB_TOKEN=$GITHUB_TOKEN\n# ^^^^^^^^^^^^\n",
    },
    {
      bad: "FROM node\nARG PASSWORD=\n#   ^^^^^^^^\nENV BASIC_AUTH=x DBPASSWORD=x SSH_PRIVATE_KEY=x\n#   ^^^^^^^^^^\n#                ^^^^^^^^^^\n#                             ^^^^^^^^^^^^^^^\n",
    },
  ],
  fine: [
    "FROM node\nENV KEY_NAME=a KMS_KEY_ALIAS=b PUBLIC_KEY=c RECAPTCHA_SITE_KEY=6Lc TOKEN_URL=d PASSWORD_FILE=e AUTH_TYPE=f\n",
    "FROM node\nENV DB_PASSWORD= API_KEY='' TOKEN=/run/secrets/token MYSQL_RANDOM_ROOT_PASSWORD=yes\n",
    "FROM node\nENV TOKENIZERS_PARALLELISM=false KEYBOARD=us AUTHOR=me MONKEY=x GPG_KEY=0D96DF4D USERNAME=app\n",
    "FROM node\nARG KEYCLOAK_VERSION=1\nENV SECRET_KEY_BASE_DUMMY=1 MAX_TOKENS=4096 SUPABASE_ANON_KEY=x STRIPE_PUBLISHABLE_KEY=x LLM_MAX_OUTPUT_TOKENS=100 SIGNING_KEY_SIZE=2048 SSH_AUTH_SOCK=/x\n",
  ],
  *instruction({ instruction }) {
    for (const { name, nameSpan, value } of pairsOf(instruction).pairs) {
      if (!isSecretName(name)) continue;
      const isEmptyArg = instruction.keyword === "ARG" && /^(?:""|'')?$/.test(value ?? "");
      if (!isEmptyArg && isHarmlessValue(value ?? "")) continue;
      const message =
        instruction.keyword === "ARG"
          ? msg("The value of {name} stands in the image's history: give it to the build with --secret", { name })
          : msg("{name} stands in the image for everybody to read: give it to the container when it starts", { name });
      yield { range: instruction.rest.rangeOf(nameSpan.start, nameSpan.end), message };
    }
  },
});
