import { msg } from "../../../engine/base/message.ts";
import { copyParts, isArchive, isRemote } from "../../lint/copy-parts.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule } from "../../lint/rule.ts";

/** What COPY has not. */
const ownFlags = new Set(["unpack", "checksum", "keep-git-dir"]);

export default defineRule({
  id: "build/add-instead-of-copy",
  severity: "warning",
  presets: { strict: "error" },
  summary: msg("ADD does more than copying: for plain files and folders use COPY"),
  why: msg(
    "ADD also fetches addresses and unpacks archives. COPY takes files as they are, so that nobody has to wonder which of the three is meant.",
  ),
  learn: msg(
    "Write COPY instead of ADD; the rest of the line stays. Keep ADD for archives that are to be unpacked and for addresses.",
  ),
  sameAs: ["hadolint:DL3020"],
  note: msg("ADD clones Git addresses, so they are no plain files here, and what a variable holds is not judged."),
  fix: "safe",
  keywords: ["ADD"],
  examples: [
    { bad: "FROM node\nADD . /app\n#^^\n", good: "FROM node\nCOPY . /app\n" },
    {
      bad: "FROM node\nADD --chown=node a.json \\\n#^^\n  src/ /app/\n",
      good: "FROM node\nCOPY --chown=node a.json \\\n  src/ /app/\n",
    },
    { bad: 'FROM node\nADD ["a b", "/app/"]\n#^^\n', good: 'FROM node\nCOPY ["a b", "/app/"]\n' },
    { bad: "FROM node\nONBUILD ADD . /app\n#       ^^^\n", good: "FROM node\nONBUILD COPY . /app\n" },
    { bad: "FROM openjdk\nADD app.jar /app.jar\n#^^\n", good: "FROM openjdk\nCOPY app.jar /app.jar\n" },
    {
      bad: `FROM openjdk\nARG JAR\nADD ./target/\${JAR} app.jar\n#^^\n`,
      good: `FROM openjdk\nARG JAR\nCOPY ./target/\${JAR} app.jar\n`,
    },
    { bad: "FROM node\nADD <<EOF /x\n#^^\na\nEOF\n", good: "FROM node\nCOPY <<EOF /x\na\nEOF\n" },
  ],
  fine: [
    "FROM node\nADD rootfs.tar.xz /\nADD a.tgz b.txt /\nADD https://example.com/a.txt /\n",
    "FROM node\nADD git@github.com:me/repo.git#v1 /src\nADD https://github.com/me/repo.git /src\nADD github.com/me/repo /src\n",
    "FROM node\nADD --unpack=true data /\nADD $FILE /\nADD *.tar.gz /\nCOPY . /\n",
  ],
  *instruction({ instruction }) {
    const parts = copyParts(instruction);
    if (!parts || instruction.flags.some(({ name }) => ownFlags.has(name))) return;
    if (
      parts.sources.some(({ text }) => isRemote(text) || isArchive(text) || mayBeArchive(text, parts.destination.text))
    )
      return;
    const { range } = instruction.keywordWord;
    const copy = instruction.keywordWord.text === "add" ? "copy" : "COPY";
    yield { range, fix: { title: msg("Use COPY"), edits: [replace(range, copy)] } };
  },
});

/** A variable may hold an address or an archive; not where a path begins and a file's name is given to it. */
function mayBeArchive(source: string, destination: string): boolean {
  if (!source.includes("$")) return false;
  return !/^\.?\/?[\w-]+\//.test(source) || !/\.\w+$/.test(destination) || isArchive(destination);
}
