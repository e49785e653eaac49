// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import { msg } from "../../../engine/base/message.ts";
import type { Range } from "../../../engine/base/ranges.ts";
import { defineRule } from "../../lint/rule.ts";
import { isHarmlessValue, isPlaceholder } from "../../lint/secrets.ts";
import type { Command, ShellWord } from "../../shell/model.ts";

export default defineRule({
  id: "security/password-argument",
  severity: "warning",
  summary: msg("A password stands in this command, and with it in the image's history"),
  why: msg(
    "The text of each RUN is kept in the image. A secret that the command needs comes as a file or a variable by RUN --mount=type=secret.",
  ),
  learn: msg(
    "`RUN --mount=type=secret,id=password,env=PASSWORD …` gives this one command the variable PASSWORD; the build gets it by `--secret id=password,src=file`.",
  ),
  sameAs: [],
  fix: "none",
  keywords: ["RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"],
  examples: [
    { bad: "FROM debian\nRUN docker login -u me -p hunter2 registry\n#                         ^^^^^^^\n" },
    {
      bad: "FROM debian\nRUN a --token=abcdefgh && b --password 'hunter2'\n#             ^^^^^^^^\n#                                      ^^^^^^^^^\n",
    },
    {
      bad: "FROM debian\nRUN curl -u me:hunter2 https://x && mysql -u root -phunter2 -e 'x'\n#           ^^^^^^^^^^\n#                                                 ^^^^^^^^^\n",
    },
    { bad: "FROM debian\nRUN echo 'root:hunter2' | chpasswd\n#        ^^^^^^^^^^^^^^\n" },
    {
      bad: 'FROM debian\nCMD ["app", "--api-key", "abcdefgh"]\n#                        ^^^^^^^^^^\nHEALTHCHECK CMD redis-cli -a hunter2 ping\n#                            ^^^^^^^\n',
    },
    { bad: "FROM debian\nONBUILD RUN <<EOF\nsshpass -p hunter2 ssh x\n#          ^^^^^^^\nEOF\n" },
  ],
  fine: [
    'FROM debian\nRUN docker login -u me -p "$PASSWORD" && b --token=${TOKEN} --password-stdin < /run/secrets/x\n',
    "FROM debian\nRUN adduser --disabled-password app && useradd -p '*' app && a --password= --password ''\n",
    "FROM debian\nRUN mkdir -p /a && curl -u me https://x && mysql -p -e 'x' && unzip -p x\n",
    "FROM debian\nRUN a --token /run/secrets/token --password=file:/x && curl -u $ME:$PASSWORD https://x\n",
    'FROM debian\nRUN echo "root:$PASSWORD" | chpasswd && echo a:b > c && a --password --force\n',
  ],
  *instruction({ script }) {
    for (const command of script.commands) {
      for (const range of passwordsOf(command)) yield { range };
    }
    for (const { commands } of script.pipelines) {
      const [first, second] = commands;
      if (second?.name !== "chpasswd" || !first || !/^(?:echo|printf)$/.test(first.name)) continue;
      const word = first.args.find(({ text, constant }) => constant && /^[\w.-]+:[^*!]/.test(text));
      if (word) yield { range: word.range };
    }
  },
});

const flagNames =
  /^--?(?:password|passwd|passphrase|token|api-?key|secret|auth-token|access-token|secret-key|http-password|proxy-password|ftp-password)$/i;

function* passwordsOf({ name, args }: Command): Iterable<Range> {
  for (const [at, word] of args.entries()) {
    const before = args[at - 1]?.text ?? "";
    const equals = word.text.indexOf("=");
    if (isPasswordFlag(name, before) && isSecret(word, word.text)) yield word.range;
    else if (word.text.startsWith("--") && equals > 0 && flagNames.test(word.text.slice(0, equals))) {
      const value = word.text.slice(equals + 1);
      if (isSecret(word, value)) yield rangeOfValue(word, value);
    } else if (isUser(name, before) && /^[^:]+:./.test(word.text) && isSecret(word, word.text.replace(/^[^:]*:/, "")))
      yield word.range;
    else if (
      /^(?:mysql|mysqladmin|mysqldump|mariadb)$/.test(name) &&
      /^-p./.test(word.text) &&
      isSecret(word, word.text.slice(2))
    )
      yield word.range;
  }
}

function isPasswordFlag(name: string, flag: string): boolean {
  if (flagNames.test(flag)) return flag.startsWith("--");
  if (flag === "-p") return /^(?:docker|podman|buildah|skopeo|helm|sshpass)$/.test(name);
  return flag === "-a" && name === "redis-cli";
}

function isUser(name: string, flag: string): boolean {
  return name === "curl" && /^(?:-\w*u|--user|-U|--proxy-user)$/.test(flag);
}

function isSecret({ constant }: ShellWord, value: string): boolean {
  return (
    constant &&
    value.length >= 3 &&
    !value.startsWith("-") &&
    !/^[!*$]/.test(value) &&
    !isHarmlessValue(value) &&
    !isPlaceholder(value)
  );
}

/** Of the part behind `=`, where nothing in the word is quoted. */
function rangeOfValue({ quoted, raw, text, range }: ShellWord, { length }: string): Range {
  const { start, end } = range;
  if (quoted || raw !== text || start.line !== end.line) return range;
  return { start: { line: end.line, character: end.character - length }, end };
}
