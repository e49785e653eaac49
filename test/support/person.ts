import assert from "node:assert/strict";
import type { Locator } from "playwright-core";
import type { Editor } from "./vscode.ts";

/** What a person does in the editor with keys and the mouse, and what that person sees. */
export interface Person {
  /** Takes what an input box proposes, or types something else, and goes on. Returns the proposal. */
  answer(title: string | RegExp, value?: string): Promise<string>;
  /** Runs a command and clicks a row of the pick list that it shows. */
  pick(command: string | (() => Promise<void>), row: string | RegExp): Promise<void>;
  /** Clicks a row of the pick list that is shown. */
  choose(row: string | RegExp): Promise<void>;
  /** Presses a button of a modal dialog. */
  press(button: string): Promise<void>;
  notification(text: string | RegExp): Locator;
  /** Presses a button of a notification. */
  respond(text: string | RegExp, button: string): Promise<void>;
  /** A row of a view, by the name that a screen reader reads. */
  row(name: RegExp): Locator;
  /** Takes an entry of a row's context menu. */
  menu(row: Locator, entry: string): Promise<void>;
  /** Opens a row of a tree until a row below it is seen. */
  unfold(row: Locator, below: Locator): Promise<void>;
  /** Text in the terminal that is shown. */
  terminal(text: string | RegExp): Locator;
  /** Types a line into the shell in the terminal that is shown, and sends it once it stands there. */
  typeInTerminal(line: string): Promise<void>;
}

export function person({ page, command }: Editor): Person {
  const listRow = (row: string | RegExp) =>
    page.locator(".quick-input-list .monaco-list-row").filter({ hasText: row }).first();
  /** A list that was filled anew between finding and clicking takes no click, and stays. */
  const takes = async (row: string | RegExp) =>
    (await clicks(listRow(row))) && (await isSeen(listRow(row), "hidden", 10_000));
  return {
    async answer(title, value) {
      // By its title: the palette, which is the same widget, lists the command under the same words while it closes.
      const titled = page.locator(".quick-input-title").filter({ hasText: title, visible: true });
      const widget = page.locator(".quick-input-widget").filter({ has: titled });
      await widget.waitFor();
      const input = widget.locator("input.input");
      const proposed = await input.inputValue();
      if (value !== undefined) await input.fill(value);
      // An editor that is still opening takes the focus back once: Enter would go there.
      const open = widget.filter({ visible: true });
      for (const end = Date.now() + 60_000; (await open.count()) > 0; ) {
        assert.ok(Date.now() < end, `${title} takes no answer`);
        // It may close, or ask the next question, at any of these moments.
        if (!(await keepsFocus(input))) continue;
        await input.press("Enter", { timeout: 2000 }).catch(() => {});
        await open.waitFor({ state: "detached", timeout: 2000 }).catch(() => {});
      }
      return proposed;
    },
    async pick(asks, row) {
      const widget = page.locator(".quick-input-widget").filter({ visible: true });
      const run = () => (typeof asks === "string" ? command(asks) : asks());
      await run();
      // A terminal that is still opening takes the focus, and the list closes: a person asks again.
      for (let tries = 0; tries < 12; tries++) {
        if ((await isSeen(listRow(row), "visible", 5000)) && (await takes(row))) return;
        // Nor asks twice for a list that takes its time: the second would close what follows the first.
        if (!(await isSeen(widget, "visible", 5000))) await run();
      }
      throw new Error(`No list with ${row} stays open`);
    },
    async choose(row) {
      await listRow(row).waitFor();
      for (let tries = 0; tries < 5; tries++) if (await takes(row)) return;
      throw new Error(`The list does not take ${row}`);
    },
    async press(button) {
      await page.locator(".monaco-dialog-box").getByRole("button", { name: button, exact: true }).click();
    },
    notification: (text) => page.locator(".notification-list-item-message").filter({ hasText: text }).first(),
    async respond(text, button) {
      const item = page.locator(".notification-list-item").filter({ hasText: text }).first();
      // It is taken away after ten seconds; the list of all keeps it.
      for (let tries = 0; tries < 10; tries++) {
        const there = item.getByRole("button", { name: button, exact: true });
        if ((await isSeen(there, "visible", 10_000)) && (await clicks(there))) return;
        await command("Notifications: Show Notifications");
      }
      throw new Error(`No notification ${text} has a button ${button}`);
    },
    row: (name) => page.getByRole("treeitem", { name }).first(),
    async menu(row, entry) {
      const open = page.locator(".monaco-menu");
      const label = page.locator(".action-label").filter({ hasText: new RegExp(`^${entry}(…|$)`) });
      const item = open.locator(".action-item").filter({ has: label }).first();
      for (let tries = 0; tries < 10; tries++) {
        await row.click({ button: "right" });
        // One that was opened before it was known what the row can do has no such entry.
        const there = await isSeen(item, "visible", 2000);
        for (let presses = 0; there && presses < 3; presses++) {
          // VS Code lets a menu take no click in its first tenth of a second.
          await page.waitForTimeout(200);
          if (!(await clicks(item))) break;
          if (await isSeen(open, "detached", 5000)) return;
        }
        await page.keyboard.press("Escape");
        await isSeen(open, "detached", 2000);
      }
      throw new Error(`The menu does not take ${entry}; the row says ${await row.textContent()}`);
    },
    async unfold(row, below) {
      // A tree that is drawn anew between looking and clicking takes the click for nothing, or for another row.
      await untilShown(below, async () => {
        if ((await row.getAttribute("aria-expanded")) === "false") await row.click();
      });
    },
    terminal: (text) => page.locator(".terminal-wrapper.active .xterm-rows").filter({ hasText: text }).first(),
    async typeInTerminal(line) {
      const input = page.locator(".terminal-wrapper.active .xterm-helper-textarea").first();
      const rows = page.locator(".terminal-wrapper.active .xterm-rows").first();
      const isEchoed = async () => {
        const shown = ((await rows.textContent()) ?? "").replaceAll("\u00a0", " ");
        assert.ok(shown.trimEnd().endsWith(line), shown);
      };
      for (let tries = 0; tries < 10; tries++) {
        // What is closing or opening beside it takes the focus once more.
        for (let looks = 0; looks < 50 && !(await keepsFocus(input)); looks++);
        await page.keyboard.type(line);
        if (await succeeds(eventually(isEchoed, 3000))) return input.press("Enter");
        // It took the focus in the middle of the line. ^U: from the beginning.
        await input.press("Control+u");
      }
      throw new Error(`The terminal does not show ${line}`);
    },
  };
}

export function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}

function isSeen(locator: Locator, state: "visible" | "hidden" | "detached", timeout: number): Promise<boolean> {
  return succeeds(locator.waitFor({ state, timeout }));
}

/**
 * Clicks what has been seen; false when it went before. A short limit could run out when the button is down already: a page
 * that is slow would be clicked, and then asked once more.
 */
export function clicks(locator: Locator): Promise<boolean> {
  return succeeds(locator.click({ timeout: 15_000 }));
}

/** Gives it the focus; whether it is still there a moment later. */
async function keepsFocus(input: Locator): Promise<boolean> {
  try {
    await input.focus({ timeout: 2000 });
    await input.page().waitForTimeout(100);
    return await input.evaluate((element) => element === document.activeElement, undefined, { timeout: 2000 });
  } catch {
    return false;
  }
}

/** Does something again and again until what it brings up is there: keys pressed while the focus moves go nowhere. */
export async function untilShown(locator: Locator, act: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; tries < 10; tries++) {
    await act();
    if (await isSeen(locator, "visible", 2000)) return;
  }
  await locator.waitFor();
}

/** Asks again and again until nothing is asserted in vain: what a click does to the engine or to a file comes a moment later. */
export async function eventually(check: () => unknown, withinMs = 60_000): Promise<void> {
  for (const end = Date.now() + withinMs; ; ) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** The page, once the app in the container has begun to listen. */
export async function fetchPage(url: string): Promise<string> {
  let page = "";
  await eventually(async () => {
    page = await (await fetch(url, { signal: AbortSignal.timeout(10_000) })).text();
  });
  return page;
}
