import assert from "node:assert/strict";
import { formatMessage } from "../../../engine/base/message.ts";
import { Analysis } from "../../../server/analysis.ts";
import { completion } from "../../../server/features/completion.ts";
import { prepareLint } from "../../../server/lint/lint.ts";
import { Linter } from "../../../server/lint/linter.ts";
import { rules } from "../../../server/rules/rules.ts";
import { dockerfiles } from "../../support/dockerfiles.ts";
import { memoryProject } from "../../support/memory-project.ts";

describe("completion at every place of all kinds of files", () => {
  before(() => prepareLint());

  const project = memoryProject({ "package.json": '{"scripts":{"start":"node a.js"}}', "src/a.js": "app.listen(1)" });

  for (const [name, text] of Object.entries(dockerfiles)) {
    it(`replaces what stands around the cursor on its line, and proposes nothing twice: ${name}`, () => {
      const analysis = new Analysis(
        { uri: "file:///Dockerfile", version: 1, getText: () => text },
        { linter: new Linter(rules), input: { project } },
      );
      text.split(/\r?\n/).forEach((content, line) => {
        for (let character = 0; character <= content.length; character += 1) {
          const position = { line, character };
          const { list } = completion(analysis, position, { translate: formatMessage, snippets: true });
          const seen = new Set<string>();
          for (const { label, textEdit, sortText } of list.items) {
            const where = `${line}:${character} ${label}`;
            assert.ok(textEdit && "range" in textEdit && sortText, where);
            const { start, end } = textEdit.range;
            assert.ok(start.line === line && end.line === line && start.character >= 0, where);
            assert.ok(
              start.character <= character && character <= end.character && end.character <= content.length,
              where,
            );
            assert.ok(!seen.has(label), `twice: ${where}`);
            seen.add(label);
          }
        }
      });
    });
  }
});
