// What suites in a real editor share: base images in a registry, a workspace folder, an editor with a person before it; a
// picture and the extension's log when a test fails; nothing left behind.
import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import type { Locator } from "playwright-core";
import { type Connection, connect } from "../../client/engines/connection.ts";
import { pushBaseImages } from "./base-images.ts";
import { type Files, writeFiles } from "./files.ts";
import { type NpmRegistry, startNpmRegistry } from "./npm-registry.ts";
import { type Person, person } from "./person.ts";
import { startRegistry, type TestRegistry } from "./registry.ts";
import { type Editor, type EditorOptions, openEditor } from "./vscode.ts";
import { account, give, privateFolder } from "./vscode-process.ts";

type WindowOptions = Partial<Omit<EditorOptions, "folder">>;

export interface SuiteOptions {
  /** Pictures are called `<name>-…`. */
  readonly name: string;
  /** The workspace folder's own name: images are called after it. */
  readonly folderName?: string;
  /** What the workspace holds at first. */
  readonly files?: Files;
  /** Settings are added to the ones that every suite has. */
  readonly window?: WindowOptions;
  /** A fresh editor and folder for each test, opened by the test itself. */
  readonly perTest?: boolean;
  /** The base images' npm installs from a registry of the suite's. */
  readonly npm?: boolean;
  /** The registry of base images, unless the suite needs another. */
  startRegistry?(): Promise<TestRegistry>;
  /** The rest of what must be there before the editor opens, and what it is opened with because of that. */
  prepare?(suite: EditorSuite): Promise<WindowOptions | undefined> | WindowOptions | undefined;
}

export interface EditorSuite {
  readonly npm: NpmRegistry;
  readonly registry: TestRegistry;
  readonly folder: string;
  readonly editor: Editor;
  readonly user: Person;
  /** Of suites with an editor for each test: what this one needs besides. */
  open(more?: Pick<SuiteOptions, "files" | "window">): Promise<void>;
  /** The engine that the extension has started. */
  engine(): Promise<Connection>;
  /** The first row of any list in the side bar with this text. */
  row(text: RegExp | string): Locator;
  /** Writes out/screenshots/<suite>-<name>.png. */
  screenshot(name: string): Promise<string>;
}

const settings = {
  // Rows of the canvas cannot be read.
  "terminal.integrated.gpuAcceleration": "off",
  "terminal.integrated.confirmOnKill": "never",
  "files.autoSave": "off",
};

/** Registers the hooks of a suite; to be called in its `describe`. Its parts are there from its first test on. */
export function editorSuite(options: SuiteOptions): EditorSuite {
  const { name, perTest = false } = options;
  let npm: NpmRegistry | undefined;
  let registry: TestRegistry | undefined;
  let place: string | undefined;
  let editor: Editor | undefined;
  let user: Person | undefined;

  const suite: EditorSuite = {
    get npm() {
      return there(npm);
    },
    get registry() {
      return there(registry);
    },
    get folder() {
      return path.join(there(place), options.folderName ?? name);
    },
    get editor() {
      return there(editor);
    },
    get user() {
      return there(user);
    },
    open: (more) => open(more),
    engine: () => connect(path.join(suite.editor.home, "run/drydock/engine.sock")),
    row: (text) => suite.editor.page.locator(".pane-body .monaco-list-row").filter({ hasText: text }).first(),
    screenshot: (step) => suite.editor.screenshot(`${name}-${step}`),
  };

  const startBase = async () => {
    const base = await startRegistry();
    registry = base;
    if (options.npm) npm = await startNpmRegistry();
    await pushBaseImages(base, npm && { npmRegistry: npm.url });
    return base;
  };
  const open = async (more: Pick<SuiteOptions, "files" | "window"> = {}) => {
    const asUser = more.window?.asUser ?? options.window?.asUser;
    const owner = asUser === undefined ? undefined : account(asUser);
    place = privateFolder(owner, name);
    mkdirSync(suite.folder);
    writeFiles(suite.folder, { ...options.files, ...more.files });
    const found = await options.prepare?.(suite);
    give(place, owner);
    const windows = [options.window, found, more.window];
    editor = await openEditor({
      ...Object.assign({}, ...windows),
      folder: suite.folder,
      settings: Object.assign(
        { ...settings, "drydock.registryMirrors": [suite.registry.url] },
        ...windows.map((window) => window?.settings),
      ),
    });
    user = person(editor);
  };
  const close = async () => {
    await editor?.close();
    editor = undefined;
    // Git, which the editor asked, may write its last lines meanwhile.
    if (place !== undefined) rmSync(place, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    place = undefined;
  };

  before(async () => {
    registry = await (options.startRegistry ?? startBase)();
    if (!perTest) await open();
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed" && editor) await report(suite);
    if (perTest) await close();
  });
  after(async () => {
    await close();
    await registry?.stop();
    await npm?.close();
  });
  return suite;
}

function there<T>(part: T | undefined): T {
  if (part === undefined) throw new Error("The suite has not begun");
  return part;
}

/** The picture, and what the extension itself has said: VS Code's own logs are long and say nothing of us. */
async function report(suite: EditorSuite): Promise<void> {
  await suite.screenshot("failure");
  for (const [file, text] of Object.entries(suite.editor.logs())) {
    if (/Drydock[^/]*\.log$/.test(file)) console.log(`${file}\n${text.split("\n").slice(-60).join("\n")}`);
  }
}
