import { msg } from "../../../engine/base/message.ts";
import { copyParts, isArchive } from "../../lint/copy-parts.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "build/add-url-archive",
  severity: "hint",
  summary: msg("ADD only downloads this archive; it unpacks archives of the build context"),
  why: msg(
    "A later RUN that unpacks and deletes it leaves the archive in ADD's layer. ADD --unpack unpacks it at once, and so does RUN with curl and tar in one pipe.",
  ),
  sameAs: [],
  fix: "none",
  sees: ["ADD", "tar", "unzip", "gunzip", "bunzip2", "unxz", "bsdtar"],
  examples: [
    {
      bad: "FROM debian\nADD https://example.com/tool-1.0.tar.gz /tmp/\n#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\nRUN tar -xzf /tmp/tool-1.0.tar.gz -C /opt\n",
    },
    {
      bad: "FROM debian\nADD https://example.com/a/b.zip /b.zip\n#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^\nRUN apt-get update && unzip /b.zip && rm /b.zip\n",
    },
  ],
  fine: [
    "FROM debian\nADD --unpack https://example.com/a.tar.gz /a/\nRUN tar -tf /x\n",
    "FROM debian\nADD https://example.com/a.tar.gz /a/\nADD b.tar /b/\nRUN make\n",
    "FROM debian AS a\nADD https://example.com/a.txt /a.tar\nRUN tar -xf /other.tar\n",
  ],
  *stage(view) {
    if (view.only("ADD").length === 0) return;
    const unpacking = view.commands("tar", "unzip", "gunzip", "bunzip2", "unxz", "bsdtar");
    if (unpacking.length === 0) return;
    const unpackedAt = new Map<string, number>();
    for (const { view: run, command } of unpacking) {
      for (const { text } of command.args) unpackedAt.set(baseName(text), run.instruction.range.start.line);
    }
    for (const { instruction } of view.only("ADD")) {
      if (instruction.flags.some(({ name }) => name === "unpack")) continue;
      const parts = copyParts(instruction);
      for (const { text, range } of parts?.sources ?? []) {
        if (!/^https?:\/\//i.test(text) || !(isArchive(text) || text.endsWith(".zip"))) continue;
        const names = [baseName(text), baseName(parts?.destination.text ?? "")];
        const line = Math.max(...names.map((name) => (name === "" ? -1 : (unpackedAt.get(name) ?? -1))));
        if (line > instruction.range.start.line) yield { range };
      }
    }
  },
});

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
