import assert from "node:assert/strict";
import type { CodeAction } from "vscode-languageserver";
import { formatMessage } from "../../engine/base/message.ts";
import { Analysis } from "../../server/analysis.ts";
import { type CodeActionQuestion, codeActions, fixAllKind } from "../../server/features/code-actions.ts";
import { workspaceEdit } from "../../server/features/workspace-edits.ts";
import type { Finding } from "../../server/lint/finding.ts";
import { applyEdits } from "../../server/lint/fixes.ts";
import { type IgnoreScope, ignoreEdit } from "../../server/lint/ignore-edits.ts";
import type { IgnoreDialect } from "../../server/lint/suppressions-read.ts";
import { editsOf } from "../support/code-actions.ts";

function analyse(text: string): Analysis {
  return new Analysis({ uri: "file:///app/Dockerfile", version: 7, getText: () => text });
}

function actionsOn(text: string, line: number, other: Partial<CodeActionQuestion> = {}): CodeAction[] {
  const range = { start: { line, character: 0 }, end: { line, character: 999 } };
  return codeActions(analyse(text), { range, diagnostics: [], ...other }, formatMessage);
}

const titled = (actions: readonly CodeAction[], title: RegExp) => actions.find((action) => title.test(action.title));

describe("quick fixes", () => {
  const text = "FROM a:1 AS b # one\nRUN x\nFROM b # two\nRUN y\n";

  it("fix one place, all places of a rule, or ignore it", () => {
    const actions = actionsOn(text, 0);
    assert.deepEqual(
      actions.map(({ title }) => title),
      [
        "Move the comment to its own line",
        "Fix all of syntax/inline-comment in this file",
        "Ignore syntax/inline-comment here",
        "Ignore syntax/inline-comment in this stage",
        "Ignore syntax/inline-comment in this file",
      ],
    );
    assert.equal(actions[0]?.isPreferred, true);
    assert.equal(applyEdits(text, editsOf(actions[0])), "# one\nFROM a:1 AS b\nRUN x\nFROM b # two\nRUN y\n");
    assert.equal(applyEdits(text, editsOf(actions[1])), "# one\nFROM a:1 AS b\nRUN x\n# two\nFROM b\nRUN y\n");
  });

  it("are for the version of the text that was looked at", () => {
    const [action] = actionsOn(text, 0);
    const [change] = action?.edit?.documentChanges ?? [];
    assert.deepEqual(change && "textDocument" in change && change.textDocument, {
      uri: "file:///app/Dockerfile",
      version: 7,
    });
    const [plain] = actionsOn(text, 0, { abilities: { versions: false, createsFiles: false } });
    assert.deepEqual(Object.keys(plain?.edit?.changes ?? {}), ["file:///app/Dockerfile"]);
  });

  it("fix only what is safe when everything is fixed at once", () => {
    const mixed = "FROM node # one\nCMD node a.js\n";
    const actions = actionsOn(mixed, 0, { only: [fixAllKind] });
    assert.equal(applyEdits(mixed, editsOf(actions[0])), "# one\nFROM node\nCMD node a.js\n");
    assert.deepEqual(actionsOn("FROM node\nCMD node a.js\n", 1, { only: ["source.fixAll"] }), []);
    assert.equal(actionsOn(mixed, 0, { only: ["source"] }).length, 1);
    assert.deepEqual(actionsOn(mixed, 0, { only: ["refactor"] }), []);
  });

  it("do not offer to ignore what the builder refuses", () => {
    assert.equal(titled(actionsOn("FROM a\nCOPY x\n", 1), /Ignore/), undefined);
  });

  it("for an ignore comment of no use are to remove it, not to ignore that", () => {
    const idle = "FROM a\n# drydock ignore=run/shell-form-cmd\nRUN x\n";
    assert.deepEqual(
      actionsOn(idle, 1).map(({ title }) => title),
      ["Remove the comment"],
    );
  });

  it("make the files that they need, or add to them", () => {
    const analysis = { uri: "file:///my%20app/Dockerfile", version: 1 };
    const fix = { edits: [], files: [{ name: ".dockerignore", append: true, text: "dist\n" }] };
    const all = { versions: true, createsFiles: true };
    const uri = "file:///my%20app/.dockerignore";
    const insert = (line: number, character: number, newText: string) => {
      const at = { line, character };
      return { textDocument: { uri, version: null }, edits: [{ range: { start: at, end: at }, newText }] };
    };
    assert.deepEqual(workspaceEdit(analysis, fix, undefined, all)?.documentChanges, [
      { kind: "create", uri, options: { ignoreIfExists: true } },
      insert(0, 0, "dist\n"),
    ]);
    const project = (text: string) => ({ ...analyse("").project, ignore: { name: ".dockerignore", text } });
    assert.deepEqual(workspaceEdit(analysis, fix, project("a\n"), all)?.documentChanges, [insert(1, 0, "dist\n")]);
    assert.deepEqual(workspaceEdit(analysis, fix, project("a"), all)?.documentChanges, [insert(0, 1, "\ndist\n")]);
    assert.equal(workspaceEdit(analysis, fix, undefined, { versions: true, createsFiles: false }), undefined);
    const elsewhere = { ...analyse("").project, folder: "/my context" };
    const [create] = workspaceEdit(analysis, fix, elsewhere, all)?.documentChanges ?? [];
    assert.equal(create && "uri" in create && create.uri, "file:///my%20context/.dockerignore");
  });
});

describe("an ignore comment that a quick fix writes", () => {
  const finding = (line: number, sameAs = ["hadolint:DL1", "buildkit:Check", "dockerfile-utils:45"]): Finding => {
    const at = { line, character: 4 };
    return { rule: "a/b", severity: "warning", message: { template: "" }, range: { start: at, end: at }, sameAs };
  };
  const written = (text: string, line: number, scope: IgnoreScope, style: IgnoreDialect, sameAs?: string[]) => {
    const edit = ignoreEdit(analyse(text).dockerfile, finding(line, sameAs), scope, style);
    return edit && applyEdits(text, [edit.edit]);
  };
  const file = "FROM a\n  CMD x \\\n y\n";

  it("speaks the language that was chosen", () => {
    const here = (style: IgnoreDialect) => written(file, 1, "here", style);
    assert.equal(here("drydock"), "FROM a\n  # drydock ignore=a/b\n  CMD x \\\n y\n");
    assert.equal(here("hadolint"), "FROM a\n  # hadolint ignore=DL1\n  CMD x \\\n y\n");
    assert.equal(here("buildkit"), "FROM a\n  # check=skip=Check\n  CMD x \\\n y\n");
    assert.equal(here("dockerfile-utils"), "FROM a\n  # dockerfile-utils: ignore\n  CMD x \\\n y\n");
    assert.equal(written(file, 2, "here", "hadolint"), here("hadolint"));
  });

  it("speaks ours where that one has no word for it", () => {
    assert.equal(written(file, 1, "here", "hadolint", []), "FROM a\n  # drydock ignore=a/b\n  CMD x \\\n y\n");
    assert.equal(written(file, 1, "file", "dockerfile-utils"), `# drydock file ignore=a/b\n${file}`);
    assert.equal(written(file, 1, "stage", "buildkit"), `# drydock stage ignore=a/b\n${file}`);
    assert.equal(written(file, 0, "here", "buildkit"), `# drydock ignore=a/b\n${file}`);
  });

  it("may hold for the stage or the file, below the directives", () => {
    assert.equal(written(file, 1, "stage", "hadolint"), `# hadolint stage ignore=DL1\n${file}`);
    assert.equal(
      written(`# syntax=x\n${file}`, 2, "file", "hadolint"),
      `# syntax=x\n# hadolint global ignore=DL1\n${file}`,
    );
    assert.equal(written(file, 1, "file", "buildkit"), `# check=skip=Check\n${file}`);
    assert.equal(
      written(`# check=error=true\n${file}`, 2, "file", "buildkit"),
      `# check=error=true;skip=Check\n${file}`,
    );
    assert.equal(written(`\uFEFF${file}`, 1, "file", "drydock"), `\uFEFF# drydock file ignore=a/b\n${file}`);
  });

  it("joins a comment that is there already", () => {
    assert.equal(
      written("FROM a\n# hadolint ignore=DL2 why\nCMD x\n", 2, "here", "hadolint"),
      "FROM a\n# hadolint ignore=DL2,DL1 why\nCMD x\n",
    );
    assert.equal(
      written(`# check=skip=A;error=true\n${file}`, 2, "file", "buildkit"),
      `# check=skip=A,Check;error=true\n${file}`,
    );
  });
});
