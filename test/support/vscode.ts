// A real VS Code for tests: shown in Chromium with the extension installed, as a person would meet it.
// (Tests that need the `vscode` module itself run inside the extension host: vscode-host.ts.)
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { installExtension, quietSettings } from "../../.ci/extension.mjs";
import { untilGone } from "./engine-lab.ts";
import { clicks, eventually, succeeds, untilShown } from "./person.ts";
import { startChromium } from "./vscode-browser.ts";
import { type Account, account, buildFor, launch, privateFolder } from "./vscode-process.ts";

export interface EditorOptions {
  /** The workspace folder, absolute; it is opened as it is, so give a copy when the test writes to it. */
  readonly folder: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Display language, e.g. "ko". Microsoft's language packs cannot be had offline: VS Code's own words stay English, while
   *  `vscode.env.language` and everything an extension translates itself are in that language. */
  readonly locale?: string;
  /** An ordinary user of this machine, when running as root. */
  readonly asUser?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The extension's folder; the repository by default, whose dist/ must be built. */
  readonly extension?: string;
  /** Folders of other extensions, which are installed beside it. */
  readonly beside?: readonly string[];
  /** Restricted mode: VS Code asks nothing and trusts no folder. */
  readonly untrusted?: boolean;
  readonly size?: { readonly width: number; readonly height: number };
}

export interface Editor {
  readonly page: Page;
  readonly url: string;
  /** HOME of the editor and of all it starts. */
  readonly home: string;
  /** Writes out/screenshots/<name>.png and returns its path. */
  screenshot(name: string): Promise<string>;
  /** Runs a command by its title through the command palette. */
  command(title: string): Promise<void>;
  /** Opens a workspace file through quick open. */
  openFile(name: string): Promise<void>;
  /** VS Code's logs, the extension hosts' among them, by file. */
  logs(): Record<string, string>;
  close(): Promise<void>;
}

/** Whatever engines this machine has. */
const embeddedEngine = { "drydock.engine": "embedded" };

const restricted = { "security.workspace.trust.enabled": true, "security.workspace.trust.startupPrompt": "never" };

export async function openEditor(options: EditorOptions): Promise<Editor> {
  const user = options.asUser === undefined ? undefined : requireAccount(options.asUser);
  const vscode = buildFor(user);
  const home = privateFolder(user, "editor");
  const userData = path.join(home, "data");
  const extensions = path.join(home, "extensions");
  // Settings of a machine are read from its own file in a window that is served from there.
  for (const place of ["User", "Machine"]) {
    mkdirSync(path.join(userData, place), { recursive: true });
    const settings = {
      ...quietSettings,
      ...embeddedEngine,
      ...(options.untrusted ? restricted : {}),
      ...options.settings,
    };
    writeFileSync(path.join(userData, place, "settings.json"), JSON.stringify(settings, undefined, 2));
  }
  installExtension(options.extension ?? process.cwd(), extensions);
  for (const folder of options.beside ?? []) {
    cpSync(folder, path.join(extensions, path.basename(folder)), { recursive: true });
  }
  if (options.locale !== undefined) installLanguage(options.locale, userData, extensions);

  const args = [vscode.codeServerEntry, "--auth", "none", "--bind-addr", "127.0.0.1:0"];
  if (!options.untrusted) args.push("--disable-workspace-trust");
  args.push("--disable-telemetry", "--disable-update-check", "--disable-getting-started-override");
  args.push("--user-data-dir", userData, "--extensions-dir", extensions);
  if (options.locale !== undefined) args.push("--locale", options.locale);
  args.push(options.folder);
  const env = { ...options.env, CODE_SERVER_CONFIG: path.join(home, "code-server.yaml") };
  let server = launch(vscode.nodePath, { args, user, env, home });
  const listening = async () => {
    for (let tries = 1; ; tries++) {
      try {
        return await server.printed(/HTTP server listening on (http:\/\/127\.0\.0\.1:\d+)/);
      } catch (error) {
        // Its two processes greet each other within ten seconds, or it gives up; the second time its files are in memory.
        if (tries === 5 || !server.output().includes("error timed out")) throw error;
        server = launch(vscode.nodePath, { args, user, env, home });
      }
    }
  };
  let browser: Browser | undefined;
  const close = async (): Promise<void> => {
    await browser?.close();
    await server.stop();
    // Only now: a window that is open starts an engine that is gone again.
    await untilGone(home);
    // A process that the editor started may write its last lines meanwhile.
    rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  };
  try {
    const [, url = ""] = await listening();
    browser = await startChromium(options.locale);
    const page = await browser.newPage({ viewport: options.size ?? { width: 1440, height: 900 } });
    // A machine under load takes its time; a wait that succeeds costs none.
    page.setDefaultTimeout(60_000);
    await page.goto(`${url}/?folder=${encodeURIComponent(options.folder)}`);
    await page.locator(".monaco-workbench").waitFor();
    // The status bar's items arrive with the restored window: before that, keys go nowhere.
    await page.locator(".statusbar-item").first().waitFor();
    return {
      page,
      url,
      home,
      screenshot: (name) => screenshot(page, name),
      command: (title) => palette(page, `>${title}`, title),
      openFile: async (name) => {
        const base = path.basename(name);
        const tab = page.locator(`.tab.active[data-resource-name="${base}"]`);
        // The tab comes before the text, and keys would go to what was there, or to what has opened late and took the focus.
        const text = page.locator(`.monaco-editor.focused[data-uri$="/${base}"]`).first();
        await untilShown(text, () => palette(page, name, base));
        await tab.waitFor();
      },
      logs: () => readLogs(userData),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function screenshot(page: Page, name: string): Promise<string> {
  const file = path.resolve("out/screenshots", `${name}.png`);
  mkdirSync(path.dirname(file), { recursive: true });
  // A pointer resting on something would leave its tooltip in the picture.
  await page.mouse.move(0, 0);
  await page.screenshot({ path: file });
  return file;
}

/** Types into quick input and takes the row that is exactly `row`, whatever else matches. */
async function palette(page: Page, text: string, row: string): Promise<void> {
  const input = page.locator(".quick-input-widget input.input").filter({ visible: true });
  const label = page.locator(".quick-input-list .monaco-list-row .monaco-icon-label-container .label-name");
  const wanted = label.filter({ hasText: new RegExp(`^${row.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`) }).first();
  const offer = async () => {
    await input.fill(text, { timeout: 2000 });
    await wanted.waitFor({ timeout: 2000 });
  };
  const isOpen = async () => (await input.inputValue({ timeout: 100 }).catch(() => "")) === text;
  // Right after the start the extension's commands are not there yet, and an open palette does not learn of them; and a
  // terminal that closes takes the focus, which closes the palette.
  for (const end = Date.now() + 120_000; Date.now() < end; ) {
    await page.keyboard.press(text.startsWith(">") ? "F1" : "Control+P");
    // A list that was filled anew between finding and clicking takes no click: the palette stays.
    if (
      (await succeeds(offer())) &&
      (await clicks(wanted)) &&
      (await succeeds(eventually(async () => assert.ok(!(await isOpen())), 10_000)))
    )
      return;
    await page.keyboard.press("Escape");
  }
  throw new Error(`The palette does not offer ${row}`);
}

function requireAccount(name: string): Account {
  const found = account(name);
  if (!found) throw new Error(`This machine has no user ${name}: create it with useradd -m ${name}`);
  return found;
}

/** An empty language pack: VS Code then runs in that language with all its own words untranslated. */
function installLanguage(locale: string, userData: string, extensions: string): void {
  const id = `drydock-test.language-pack-${locale}`;
  const folder = path.join(extensions, `${id}-1.0.0`);
  const translation = path.join(folder, "main.i18n.json");
  mkdirSync(folder, { recursive: true });
  writeFileSync(translation, JSON.stringify({ version: "1.0.0", contents: {} }));
  const localization = { languageId: locale, languageName: locale, localizedLanguageName: locale };
  const manifest = {
    name: `language-pack-${locale}`,
    publisher: "drydock-test",
    version: "1.0.0",
    engines: { vscode: "*" },
    contributes: { localizations: [{ ...localization, translations: [{ id: "vscode", path: "./main.i18n.json" }] }] },
  };
  writeFileSync(path.join(folder, "package.json"), JSON.stringify(manifest));
  const pack = {
    hash: "0",
    label: locale,
    extensions: [{ extensionIdentifier: { id }, version: "1.0.0" }],
    translations: { vscode: translation },
  };
  writeFileSync(path.join(userData, "languagepacks.json"), JSON.stringify({ [locale]: pack }));
}

function readLogs(userData: string): Record<string, string> {
  const folder = path.join(userData, "logs");
  const found: Record<string, string> = {};
  if (!existsSync(folder)) return found;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile()) found[path.relative(folder, file)] = readFileSync(file, "utf8");
  }
  return found;
}
