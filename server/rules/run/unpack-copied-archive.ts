import { msg } from "../../../engine/base/message.ts";
import type { Range } from "../../../engine/base/ranges.ts";
import { contextSources, copyParts } from "../../lint/copy-parts.ts";
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
  sees: ["COPY", "tar"],
  examples: [
    {
      bad: "FROM debian\nCOPY app.tar.gz /tmp/\n#    ^^^^^^^^^^\nRUN tar -xzf /tmp/app.tar.gz -C /opt\n",
      good: "FROM debian\nADD app.tar.gz /opt/\n",
    },
    {
      bad: "FROM debian\nCOPY x dist/a.tar /tmp/\n#      ^^^^^^^^^^\nRUN mkdir /b && tar xf /tmp/a.tar -C /b && rm /tmp/a.tar\n",
    },
    {
      bad: 'FROM debian\nCOPY ["a b.tgz", "/tmp/"]\n#     ^^^^^^^^^\nRUN ["tar", "--extract", "--file=/tmp/a b.tgz"]\n',
    },
    { bad: "FROM debian\nONBUILD COPY a.tar.xz /b.tar.xz\n#            ^^^^^^^^\nONBUILD RUN tar xJf b.tar.xz\n" },
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
    const copied = new Map<string, Copied>();
    for (const one of view.only("COPY", "RUN")) {
      if (one.keyword === "COPY") {
        for (const archive of archivesOf(one)) copied.set(archive.name, archive);
        continue;
      }
      for (const command of one.commands("tar")) {
        const name = unpacked(command) ?? "";
        const archive = copied.get(name);
        if (!archive) continue;
        copied.delete(name);
        const fix = toAdd(archive.view, one, command);
        const related = [{ range: command.range, message: msg("The archive is unpacked here") }];
        yield { range: archive.range, related, ...(fix && { fix }) };
      }
    }
  },
});

interface Copied {
  /** Under which it lies in the image. */
  readonly name: string;
  readonly range: Range;
  readonly view: InstructionView;
}

const baseName = (path: string) => path.slice(path.lastIndexOf("/") + 1);
const isTar = (path: string) => /\.(?:tar(?:\.\w+)?|t[bgx]z2?|tzst)$/i.test(path);

function archivesOf(view: InstructionView): readonly Copied[] {
  const archives = contextSources(view.instruction).filter(({ text }) => isTar(text));
  const to = baseName(copyParts(view.instruction)?.destination.text ?? "");
  const isRenamed = archives.length === 1 && isTar(to);
  return archives.map(({ text, range }) => ({ name: isRenamed ? to : baseName(text), range, view }));
}

/** The archive that a tar command unpacks as a whole. */
function unpacked(command: Command): string | undefined {
  const words = command.args.map(({ text }) => text);
  const extracts =
    /^-?[a-zA-Z]*x/.test(words[0] ?? "") || words.some((text) => /^(?:--extract|--get|-\w*x\w*)$/.test(text));
  if (!extracts || words.some((text) => /^--(?:strip|exclude|wildcards|transform)/.test(text))) return undefined;
  const files = words.flatMap((text) => {
    const path = text.replace(/^--file=/, "");
    return isTar(path) ? [baseName(path)] : [];
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
