// Manners in a real VS Code: beside other extensions for Dockerfiles, and a report of a problem that goes nowhere by itself.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { editorSuite } from "../support/editor-suite.ts";
import { writeFiles } from "../support/files.ts";
import { untilTold } from "../support/notifications.ts";
import { eventually, type Person, untilShown } from "../support/person.ts";
import { startRegistry } from "../support/registry.ts";
import { untilTyping } from "../support/text-editor.ts";
import type { Editor } from "../support/vscode.ts";

/** What of another extension matters here: the language, its view, its checks of MAINTAINER and the setting that switches them off. */
interface Neighbour {
  readonly publisher: string;
  readonly name: string;
  /** Of its problems. */
  readonly source: string;
  /** Of Container Tools; Docker DX has none. */
  readonly setting?: string;
}

const containerTools: Neighbour = {
  publisher: "ms-azuretools",
  name: "vscode-containers",
  source: "dockerfile-utils",
  setting: "docker.languageserver.diagnostics.deprecatedMaintainer",
};
const dockerDx: Neighbour = { publisher: "docker", name: "docker", source: "docker-language-server" };

const program = ({ source, setting }: Neighbour) => `const vscode = require("vscode");
exports.activate = (context) => {
  const problems = vscode.languages.createDiagnosticCollection(${JSON.stringify(source)});
  const look = (document) => {
    if (document.languageId !== "dockerfile") return;
    const off = ${setting ? `vscode.workspace.getConfiguration().get(${JSON.stringify(setting)}) === "ignore"` : "false"};
    const line = document.getText().split("\\n").findIndex((text) => text.startsWith("MAINTAINER"));
    const problem = new vscode.Diagnostic(new vscode.Range(line, 0, line, 10), "MAINTAINER has been deprecated");
    problem.source = ${JSON.stringify(source)};
    problems.set(document.uri, off || line < 0 ? [] : [problem]);
  };
  const all = () => vscode.workspace.textDocuments.forEach(look);
  context.subscriptions.push(problems, vscode.workspace.onDidOpenTextDocument(look), vscode.workspace.onDidChangeConfiguration(all));
  all();
};
`;

function write(folder: string, neighbour: Neighbour): string {
  const { publisher, name, setting } = neighbour;
  const place = path.join(folder, `${publisher}.${name}-1.0.0`);
  const properties = setting && {
    [setting]: { type: "string", enum: ["ignore", "warning", "error"], default: "warning" },
  };
  const manifest = {
    publisher,
    name,
    version: "1.0.0",
    engines: { vscode: "^1.90.0" },
    main: "./main.js",
    activationEvents: ["onLanguage:dockerfile"],
    contributes: {
      languages: [{ id: "dockerfile", aliases: ["Docker"], filenames: ["Dockerfile"], extensions: [".dockerfile"] }],
      configuration: { title: name, properties: properties ?? {} },
    },
  };
  writeFiles(place, { "package.json": JSON.stringify(manifest), "main.js": program(neighbour) });
  return place;
}

describe("beside other extensions", function () {
  this.timeout(180_000);
  let editor: Editor;
  let user: Person;
  const suite = editorSuite({
    name: "manners",
    folderName: "shop",
    files: { Dockerfile: 'FROM busybox\nMAINTAINER ann@example.com\nCMD ["sh"]\n' },
    perTest: true,
    startRegistry,
  });
  const neighbours = mkdtempSync(path.join(tmpdir(), "drydock-neighbours-"));
  after(() => rmSync(neighbours, { recursive: true, force: true }));

  async function open(...beside: readonly Neighbour[]) {
    await suite.open({ window: { beside: beside.map((one) => write(neighbours, one)) } });
    ({ editor, user } = suite);
  }

  const problem = (text: string) => editor.page.locator(".markers-panel .monaco-list-row").filter({ hasText: text });
  const settings = () => readFileSync(path.join(editor.home, "data/User/settings.json"), "utf8");

  it("asks once whose problems are shown, and shows each one once from then on", async () => {
    await open(containerTools);
    await editor.openFile("Dockerfile");
    await editor.command("Problems: Focus on Problems View");
    await untilTold(editor, user, /Another extension checks Dockerfiles too/);
    await problem("dockerfile-utils").waitFor();
    await problem("drydock").first().waitFor();
    await suite.screenshot("1-asked");
    await user.respond(/Another extension|Other extensions/, "Only Drydock's");
    await problem("dockerfile-utils").waitFor({ state: "detached" });
    await problem("drydock").first().waitFor();
    await suite.screenshot("2-only-ours");
    await eventually(() =>
      assert.match(settings(), /"docker\.languageserver\.diagnostics\.deprecatedMaintainer": "ignore"/),
    );
    // The language is nobody's alone: ours still answers.
    await editor.page.locator(".codelens-decoration a").filter({ hasText: "Build" }).first().waitFor();
    const loaded = editor.page.waitForEvent("load");
    await editor.command("Developer: Reload Window");
    await loaded;
    await editor.command("Problems: Focus on Problems View");
    await problem("drydock").first().waitFor();
    assert.equal(await user.notification(/Another extension/).count(), 0);
  });

  it("says which extension goes on, because it cannot be silenced", async () => {
    await open(containerTools, dockerDx);
    await editor.openFile("Dockerfile");
    await user.respond(/Another extension|Other extensions/, "Only Drydock's");
    await user.notification(/docker\.docker has no setting/).waitFor();
    await suite.screenshot("4-goes-on");
  });

  it("is silent where only the other's problems are wanted", async () => {
    await open(dockerDx);
    await editor.openFile("Dockerfile");
    await editor.command("Problems: Focus on Problems View");
    await untilTold(editor, user, /Another extension checks Dockerfiles too \(docker-language-server\)/);
    // Else it would be gone before it has come.
    await problem("drydock").first().waitFor();
    assert.equal(await editor.page.getByRole("button", { name: "Only Drydock's" }).count(), 0);
    await user.respond(/Another extension/, "Only Theirs");
    await problem("drydock").first().waitFor({ state: "detached" });
    await problem("docker-language-server").waitFor();
    await eventually(() => assert.match(settings(), /"drydock\.lint\.enabled": false/));
  });

  it("writes a report of a problem as a document, without what is private, for the person to take along", async () => {
    await open();
    await editor.command("Drydock: Report Issue…");
    const line = (text: RegExp) => editor.page.locator(".view-line").filter({ hasText: text }).first();
    await line(/^##\sWhat\shappened\?/).waitFor();
    await line(/drydock\.engine.*\(set\)/).waitFor();
    await user.notification(/Nothing has been sent/).waitFor();
    await untilTyping(editor);
    await editor.page.keyboard.type("It sank.");
    const typed = line(/^It\ssank\.$/);
    await typed.waitFor();
    await suite.screenshot("3-report");
    await user.respond(/Nothing has been sent/, "Copy Report");
    await editor.command("File: New Untitled Text File");
    await typed.waitFor({ state: "detached" });
    await untilTyping(editor, "untitled:");
    // It is on the clipboard a moment after the button was pressed.
    await untilShown(typed, () => editor.page.keyboard.press("Control+v"));
    let text = "";
    await eventually(async () => {
      text = (await editor.page.locator(".view-line").allInnerTexts()).join("\n");
      assert.match(text, /Drydock\s\d/);
    });
    assert.ok(!text.includes(editor.home) && !text.includes(suite.folder), text);
  });
});
