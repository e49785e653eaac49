import { msg } from "../../../engine/base/message.ts";
import type { Range } from "../../../engine/base/ranges.ts";
import { addressesOf, isLocal } from "../../lint/downloads.ts";
import { replace } from "../../lint/fixes.ts";
import { pairsOf } from "../../lint/pairs.ts";
import { defineRule, type TextEdit } from "../../lint/rule.ts";
import { isEditable } from "../../lint/scripts.ts";
import type { Command, ShellWord } from "../../shell/model.ts";

export default defineRule({
  id: "security/unverified",
  severity: "warning",
  summary: msg("This turns off the check of who sends it"),
  why: msg(
    "Without certificates and signatures anybody on the way can send something else, and it is built into the image. Mostly ca-certificates or a key is what is missing: install that.",
  ),
  sameAs: [],
  fix: "suggestion",
  keywords: ["RUN", "ENV", "ARG"],
  examples: [
    {
      bad: "FROM debian\nRUN curl -k -O https://example.com/a\n#        ^^\n",
      good: "FROM debian\nRUN curl -O https://example.com/a\n",
    },
    {
      bad: "FROM debian\nRUN curl -fsSLk https://example.com/a | tar x\n#        ^^^^^^\n",
      good: "FROM debian\nRUN curl -fsSL https://example.com/a | tar x\n",
    },
    {
      bad: "FROM debian\nRUN a && \\\n  wget https://example.com/a --no-check-certificate\n#                            ^^^^^^^^^^^^^^^^^^^^^^\n",
      good: "FROM debian\nRUN a && \\\n  wget https://example.com/a\n",
    },
    {
      bad: "FROM debian\nRUN apt-get install -y --allow-unauthenticated a\n#                      ^^^^^^^^^^^^^^^^^^^^^^^\n",
      good: "FROM debian\nRUN apt-get install -y a\n",
    },
    {
      bad: "FROM debian\nRUN apt-get -o Acquire::AllowInsecureRepositories=true update\n#              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n",
    },
    {
      bad: "FROM fedora\nONBUILD RUN dnf install -y --nogpgcheck a\n#                          ^^^^^^^^^^^^\nRUN apk add --allow-untrusted a.apk && zypper --no-gpg-checks in a\n#           ^^^^^^^^^^^^^^^^^\n#                                             ^^^^^^^^^^^^^^^\n",
      good: "FROM fedora\nONBUILD RUN dnf install -y a\nRUN apk add a.apk && zypper in a\n",
    },
    {
      bad: "FROM python\nRUN pip install --trusted-host pypi.org a\n#               ^^^^^^^^^^^^^^\nRUN npm config set strict-ssl false\n#                  ^^^^^^^^^^\n",
    },
    {
      bad: "FROM debian\nRUN git config --global http.sslVerify false && git -c http.sslVerify=false clone https://x.org/a\n#                       ^^^^^^^^^^^^^^\n#                                                      ^^^^^^^^^^^^^^^^^^^^\n",
    },
    {
      bad: "FROM debian\nRUN ssh -o StrictHostKeyChecking=no a && scp -oStrictHostKeyChecking=no b c\n#          ^^^^^^^^^^^^^^^^^^^^^^^^\n#                                            ^^^^^^^^^^^^^^^^^^^^^^^^^^\n",
    },
    {
      bad: "FROM node\nENV NODE_TLS_REJECT_UNAUTHORIZED=0\n#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^\nENV GIT_SSL_NO_VERIFY=true PYTHONHTTPSVERIFY=1\n#   ^^^^^^^^^^^^^^^^^\nRUN GIT_SSL_NO_VERIFY=1 git clone x\n#   ^^^^^^^^^^^^^^^^^^^\n",
    },
    { bad: 'FROM debian\nRUN ["curl", "--insecure", "https://example.com"]\n#            ^^^^^^^^^^^^\n' },
  ],
  fine: [
    "FROM debian\nRUN curl -k https://localhost:8443/ && curl -o k https://example.com/k -K c\n",
    "FROM debian\nRUN tar -k x && sort -k 2 && wget --no-check x\n",
    "FROM node\nENV NODE_TLS_REJECT_UNAUTHORIZED=1 GIT_SSL_NO_VERIFY=\nRUN npm config set strict-ssl true\n",
    "FROM debian\nRUN ssh -o StrictHostKeyChecking=accept-new a\n",
  ],
  *instruction({ instruction, script }) {
    if (instruction.keyword !== "RUN") {
      for (const { name, nameSpan, value = "" } of pairsOf(instruction).pairs) {
        if (switches[name]?.test(value)) yield { range: instruction.rest.rangeOf(nameSpan.start, nameSpan.end) };
      }
      return;
    }
    for (const command of script.commands) {
      for (const { name, value, start, end } of command.assignments) {
        if (Object.hasOwn(switches, name) && switches[name]?.test(value)) yield { range: script.rangeOf(start, end) };
      }
      for (const { word, fix } of trusting(command)) {
        const title = msg("Remove {word}", { word: word.text });
        const edit = fix && isEditable(script, command) ? fix(command, word) : undefined;
        yield { range: word.range, ...(edit && { fix: { title, edits: [edit] } }) };
      }
    }
  },
});

/** Variables that switch checks off, with the values that do. */
const switches: Readonly<Record<string, RegExp>> = {
  NODE_TLS_REJECT_UNAUTHORIZED: /^["']?0["']?$/,
  GIT_SSL_NO_VERIFY: /^["']?(?:1|true|yes)["']?$/i,
  PYTHONHTTPSVERIFY: /^["']?0["']?$/,
  NPM_CONFIG_STRICT_SSL: /^["']?false["']?$/i,
  npm_config_strict_ssl: /^["']?false["']?$/i,
};
/** Flags by themselves; taken away, the command does the same with its check. */
const flags: Readonly<Record<string, RegExp>> = {
  curl: /^(?:--insecure|--proxy-insecure)$/,
  wget: /^--no-check-certificate$/,
  "apt-get": /^(?:--allow-unauthenticated|--force-yes|--allow-insecure-repositories)$/,
  apt: /^(?:--allow-unauthenticated|--allow-insecure-repositories)$/,
  apk: /^--allow-untrusted$/,
  dnf: /^(?:--nogpgcheck|--no-gpgchecks)$/,
  yum: /^--nogpgcheck$/,
  microdnf: /^--nogpgcheck$/,
  zypper: /^(?:--no-gpg-checks|--allow-unsigned-rpm)$/,
  rpm: /^(?:--nosignature|--nogpgcheck)$/,
};
/** Words that need a person to say what should stand there. */
const words: Readonly<Record<string, RegExp>> = {
  "apt-get": /^(?:Acquire::AllowInsecureRepositories|APT::Get::AllowUnauthenticated)=(?:true|1|yes)$/i,
  pip: /^--trusted-host(?:=|$)/,
  pip3: /^--trusted-host(?:=|$)/,
  git: /^http\.sslVerify=(?:false|0)$/i,
  ssh: /^(?:-o)?StrictHostKeyChecking=(?:no|off)$/i,
  scp: /^(?:-o)?StrictHostKeyChecking=(?:no|off)$/i,
  npm: /^--(?:no-strict-ssl|strict-ssl=false)$/,
};
/** `git config http.sslVerify false`. */
const settings: Readonly<Record<string, RegExp>> = {
  git: /^http\.sslVerify$/i,
  npm: /^strict-ssl$/,
  yarn: /^(?:strict-ssl|enableStrictSsl)$/,
  composer: /^(?:secure-http|disable-tls)$/,
};

interface Trusting {
  readonly word: ShellWord;
  /** Takes the check's switch away. */
  readonly fix?: (command: Command, word: ShellWord) => TextEdit;
}

function* trusting(command: Command): Iterable<Trusting> {
  const { name, args } = command;
  if (name === "curl" && isOnlyLocal(command)) return;
  const has = (list: Readonly<Record<string, RegExp>>, text: string) =>
    Object.hasOwn(list, name) && list[name]?.test(text) === true;
  for (const [at, word] of args.entries()) {
    const { text, raw } = word;
    if (has(flags, text) || (name === "curl" && text === "-k")) yield { word, fix: takeAway };
    else if (has(words, text)) yield { word };
    else if (has(settings, text) && args.slice(0, at).some((one) => one.text === "config")) {
      const value = args[at + 1]?.text ?? "";
      if (/^(?:false|0|off|no)$/i.test(value) !== (text === "disable-tls")) yield { word };
    } else if (name === "curl" && isAmongShort(text) && raw === text) {
      yield { word, fix: (_, one) => replace(one.range, text.replace("k", "")) };
    }
  }
}

/** `-fsSLk`: the letters before it take no value. */
function isAmongShort(text: string): boolean {
  return /^-[fsSLIgiOJNRvq#0-6]*k[a-zA-Z]*$/.test(text) && text.length > 2;
}

function isOnlyLocal(command: Command): boolean {
  const addresses = addressesOf(command);
  return addresses.length > 0 && addresses.every(({ text }) => isLocal(text));
}

/** With the blank before it, where both stand in one line. */
function takeAway({ words: all }: Command, word: ShellWord): TextEdit {
  const previous = all[all.indexOf(word) - 1];
  const range: Range =
    previous?.range.end.line === word.range.start.line
      ? { start: previous.range.end, end: word.range.end }
      : word.range;
  return replace(range, "");
}
