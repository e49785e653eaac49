import { msg } from "../../../engine/base/message.ts";
import type { Range } from "../../../engine/base/ranges.ts";
import { copyParts } from "../../lint/copy-parts.ts";
import { addressesOf, isLocal, isVerified } from "../../lint/downloads.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule, type Report } from "../../lint/rule.ts";
import { isEditable } from "../../lint/scripts.ts";

export default defineRule({
  id: "security/http-download",
  severity: "hint",
  summary: msg("Nothing protects this download: whoever is on the way can change it"),
  why: msg(
    "http:// has no proof of who answers. Use https://, or compare what came with a checksum: `ADD --checksum=sha256:…`, `sha256sum -c`.",
  ),
  sameAs: [],
  fix: "suggestion",
  keywords: ["ADD", "RUN"],
  examples: [
    {
      bad: "FROM debian\nADD http://example.com/a.tar /\n#   ^^^^\n",
      good: "FROM debian\nADD https://example.com/a.tar /\n",
    },
    {
      bad: "FROM debian\nRUN a && \\\n  curl -fsSLO http://example.com/a.tar\n#             ^^^^\n",
      good: "FROM debian\nRUN a && \\\n  curl -fsSLO https://example.com/a.tar\n",
    },
    {
      bad: 'FROM debian\nRUN wget -O /a "http://example.com/$V.tar"\n#               ^^^^\n',
      good: 'FROM debian\nRUN wget -O /a "https://example.com/$V.tar"\n',
    },
    { bad: "FROM debian\nONBUILD RUN sh -c 'curl http://example.com/a'\n#                       ^^^^\n" },
    { bad: 'FROM debian\nRUN ["wget", "http://example.com/a"]\n#             ^^^^\n' },
  ],
  fine: [
    "FROM debian\nADD --checksum=sha256:0123 http://example.com/a /\nADD https://example.com/a /\n",
    "FROM debian\nRUN curl -O http://example.com/a && echo '0123 a' | sha256sum -c -\n",
    "FROM debian\nRUN curl http://localhost:8080/health && wget http://proxy/a http://10.0.0.1/b\n",
    "FROM debian\nRUN curl -x http://proxy.example.com:3128 https://example.com/a\n",
  ],
  *instruction({ instruction, script }) {
    if (instruction.keyword === "ADD") {
      if (instruction.flags.some(({ name }) => name === "checksum")) return;
      for (const { text, range } of copyParts(instruction)?.sources ?? []) {
        // Behind a quote the address starts one later than its word.
        if (/^http:/i.test(text) && !isLocal(text)) yield report(range, instruction.json ? 1 : 0, true);
      }
      return;
    }
    const found = script.commands.flatMap((command) => addressesOf(command).map((word) => ({ command, word })));
    const plain = found.filter(({ word }) => /^http:/i.test(word.text) && !isLocal(word.text));
    if (plain.length === 0 || isVerified(script)) return;
    for (const { command, word } of plain) {
      const quotes = script.dialect === "exec" ? 1 : (/^["']*/.exec(word.raw)?.[0].length ?? 0);
      yield report(word.range, quotes, isEditable(script, command));
    }
  },
});

function report(word: Range, quotes: number, canFix: boolean): Report {
  // Cut by a continuation, perhaps in the middle of `http`.
  if (word.start.line !== word.end.line) return { range: word };
  const { line, character } = word.start;
  const range = {
    start: { line, character: character + quotes },
    end: { line, character: character + quotes + "http".length },
  };
  return { range, ...(canFix && { fix: { title: msg("Use https"), edits: [replace(range, "https")] } }) };
}
