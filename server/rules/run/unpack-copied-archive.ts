import { msg } from "../../../engine/base/message.ts";
import { removeLines, replace } from "../../lint/fixes.ts";
import { defineRule, type Fix } from "../../lint/rule.ts";
import type { InstructionView } from "../../lint/views.ts";
import { flagsOf } from "../../shell/arguments.ts";
import type { Command } from "../../shell/model.ts";

export default defineRule({
  id: "run/unpack-copied-archive",
  severity: "info",
  summary: msg("ADD unpacks an archive while copying it: without the archive's own layer and without tar"),
  why: msg("The copied archive stays in its layer, also when the RUN that unpacks it deletes it."),
  sameAs: ["hadolint:DL3010"],
  note: msg(
    "ADD unpacks tar archives only, so that unzip and gunzip of a copied file are left alone, and so is what --strip-components or a list of members leaves out.",
  ),
  fix: "suggestion",
  examples: [
    {
      bad: "FROM debian\nCOPY app.tar.gz /tmp/\nRUN tar -xzf /tmp/app.tar.gz -C /opt\n#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n",
      good: "FROM debian\nADD app.tar.gz /opt/\n",
    },
    {
      bad: "FROM debian\nCOPY dist/a.tar /tmp/b.tar\nRUN mkdir /b && tar xf /tmp/b.tar -C /b && rm /tmp/b.tar\n#               ^^^^^^^^^^^^^^^^^^^^^^^\n",
    },
    {
      bad: 'FROM debian\nCOPY ["a b.tgz", "/tmp/"]\nRUN ["tar", "--extract", "--file=/tmp/a b.tgz"]\n#    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n',
    },
    { bad: "FROM debian\nONBUILD COPY a.tar.xz /\nONBUILD RUN tar xJf a.tar.xz\n#           ^^^^^^^^^^^^^^^^\n" },
  ],
  fine: [
    "FROM debian\nADD a.tar.gz /opt/\n",
    "FROM debian\nCOPY a.zip /\nRUN unzip a.zip\n",
    "FROM debian\nCOPY a.tar.gz /\nRUN tar xzf a.tar.gz --strip-components=1\n",
    "FROM debian\nRUN curl -O https://x/a.tar && tar xf a.tar\n",
    "FROM debian\nCOPY a.tar /\nRUN tar cf b.tar /x && tar tf a.tar\n",
    "FROM debian AS b\nFROM debian\nCOPY --from=b /a.tar /\nRUN tar xf a.tar\n",
  ],
  *stage(view) {
    const copied = new Map<string, InstructionView>();

    for (const one of view.only("COPY", "RUN")) {
      if (one.keyword === "COPY") {
        if (isFromContext(one.instruction)) for (const name of archivesOf(one)) copied.set(name, one);
        continue;
      }
      for (const command of one.commands("tar")) {
        const copy = copied.get(unpacked(command) ?? "");
        if (!copy) continue;
        const fix = toAdd(copy, one, command);
        const related = [{ range: copy.instruction.range, message: msg("The archive is copied here") }];
        yield { range: command.range, related, ...(fix && { fix }) };
      }
    }
  },
});

function isFromContext(instruction: InstructionView["instruction"]): boolean {
  return instruction.heredocs.length === 0 && !instruction.flags.some(({ name }) => name === "from");
}

const baseName = (path: string) => path.slice(path.lastIndexOf("/") + 1);
const isArchive = (path: string) => /\.(?:tar(?:\.\w+)?|t[bgx]z2?|tzst)$/i.test(path);

/** The names under which archives lie in the image. */
function archivesOf({ instruction }: InstructionView): readonly string[] {
  const parts = instruction.json?.map(({ value }) => value) ?? instruction.words.map(({ text }) => text);
  const sources = parts.slice(0, -1).filter(isArchive);
  const to = baseName(parts.at(-1) ?? "");
  return sources.length === 1 && isArchive(to) ? [to] : sources.map(baseName);
}

/** The archive that a tar command unpacks as a whole. */
function unpacked(command: Command): string | undefined {
  const words = command.args.map(({ text }) => text);
  const extracts =
    /^-?[a-zA-Z]*x/.test(words[0] ?? "") || words.some((text) => /^(?:--extract|--get|-\w*x\w*)$/.test(text));
  if (!extracts || words.some((text) => /^--(?:strip|exclude|wildcards|transform)/.test(text))) return undefined;
  const files = words.flatMap((text) => {
    const path = text.replace(/^--file=/, "");
    return isArchive(path) ? [baseName(path)] : [];
  });
  return files.length === 1 ? files[0] : undefined;
}

/** Where the RUN does nothing else, ADD is all that is needed. */
function toAdd(
  { instruction: copy, onbuild }: InstructionView,
  { instruction: run, script }: InstructionView,
  command: Command,
): Fix | undefined {
  const { flags, operands } = flagsOf(command, { valued: ["-f", "-C", "--directory", "--file"] });
  const folder = flags.find(({ name }) => name === "-C" || name === "--directory")?.value;
  const [source, destination] = copy.words;
  if (onbuild || copy.json || copy.words.length !== 2 || !source || !destination || script.dialect === "exec")
    return undefined;
  if (!script.plain || !folder?.startsWith("/") || operands.length > 0) return undefined;
  const edits = [
    replace(copy.keywordWord.range, "ADD"),
    replace(destination.range, folder.endsWith("/") ? folder : `${folder}/`),
    removeLines(run),
  ];
  return { title: msg("Unpack it with ADD"), edits };
}
