import assert from "node:assert/strict";
import { formatMessage } from "../../../engine/base/message.ts";
import { Analysis } from "../../../server/analysis.ts";
import { hover } from "../../../server/features/hover.ts";
import { inlayHints } from "../../../server/features/inlay-hints.ts";
import { links } from "../../../server/features/links.ts";
import { signatureHelp } from "../../../server/features/signature-help.ts";
import { contains } from "../../../server/lint/fixes.ts";
import { prepareLint } from "../../../server/lint/lint.ts";
import { dockerfiles } from "../../support/dockerfiles.ts";

describe("at every place of every kind of file", () => {
  before(() => prepareLint());

  for (const [name, whole] of Object.entries(dockerfiles)) {
    // Also cut off in the middle, as it is while somebody types.
    for (const text of [whole, whole.slice(0, whole.length * 0.6), whole.replaceAll("\n", "\r\n")]) {
      it(`of ${name} (${text.length}) a hover is about the place and help names a part`, async () => {
        const analysis = new Analysis({ uri: "file:///Dockerfile", version: 1, getText: () => text });
        const lines = text.split(/\r?\n/);
        for (const [line, { length }] of lines.entries()) {
          for (let character = 0; character <= length; character += 1) {
            const position = { line, character };
            const found = await hover(analysis, position, { translate: formatMessage });
            if (found) assert.ok(found.range && contains(found.range, position), `${line}:${character}`);
            const help = signatureHelp(analysis, position, formatMessage);
            const signature = help?.signatures[help.activeSignature ?? 0];
            if (help) assert.ok(signature?.parameters?.[help.activeParameter ?? -1], `${line}:${character}`);
          }
        }
        const all = { start: { line: 0, character: 0 }, end: { line: lines.length, character: 0 } };
        const hints = await inlayHints(analysis, all, { variables: true, images: true, translate: formatMessage });
        for (const { position } of hints) assert.ok(position.character <= (lines[position.line]?.length ?? -1));
        for (const { range } of links(analysis)) {
          assert.ok(range.end.character <= (lines[range.end.line]?.length ?? -1), JSON.stringify(range));
        }
      });
    }
  }
});
