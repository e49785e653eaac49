import { createServer } from "node:net";
import type { Locator } from "playwright-core";
import type { Editor } from "./vscode.ts";

/** What a person does in the editor with keys and the mouse, and what that person sees. */
export interface Person {
  /** Takes what an input box proposes, or types something else, and goes on. Returns the proposal. */
  answer(title: string | RegExp, value?: string): Promise<string>;
  /** Clicks a row of a pick list. */
  choose(row: string | RegExp): Promise<void>;
  /** Presses a button of a modal dialog. */
  press(button: string): Promise<void>;
  notification(text: string | RegExp): Locator;
  /** A row of a view, by the name that a screen reader reads. */
  row(name: RegExp): Locator;
  /** Takes an entry of a row's context menu. */
  menu(row: Locator, entry: string): Promise<void>;
  /** Text in the terminal that is shown. */
  terminal(text: string | RegExp): Locator;
}

export function person({ page }: Editor): Person {
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
      for (let tries = 0; tries < 10 && (await open.count()) > 0; tries++) {
        await input.focus();
        await page.waitForTimeout(100);
        if (!(await input.evaluate((element) => element === document.activeElement))) continue;
        await page.keyboard.press("Enter");
        await open.waitFor({ state: "detached", timeout: 2000 }).catch(() => {});
      }
      return proposed;
    },
    async choose(row) {
      await page.locator(".quick-input-list .monaco-list-row").filter({ hasText: row }).first().click();
    },
    async press(button) {
      await page.locator(".monaco-dialog-box").getByRole("button", { name: button, exact: true }).click();
    },
    notification: (text) => page.locator(".notification-list-item-message").filter({ hasText: text }).first(),
    row: (name) => page.getByRole("treeitem", { name }).first(),
    async menu(row, entry) {
      const open = page.locator(".monaco-menu");
      const label = page.locator(".action-label").filter({ hasText: new RegExp(`^${entry}(…|$)`) });
      const item = open.locator(".action-item").filter({ has: label }).first();
      for (let tries = 0; tries < 10; tries++) {
        await row.click({ button: "right" });
        // One that was opened before it was known what the row can do has no such entry.
        const there = await isSeen(item, "visible", 2000);
        for (let clicks = 0; there && clicks < 3; clicks++) {
          // VS Code lets a menu take no click in its first tenth of a second.
          await page.waitForTimeout(200);
          const clicked = await item.click({ timeout: 2000 }).then(
            () => true,
            () => false,
          );
          if (!clicked) break;
          if (await isSeen(open, "detached", 2000)) return;
        }
        await page.keyboard.press("Escape");
        await isSeen(open, "detached", 2000);
      }
      throw new Error(`The menu does not take ${entry}; the row says ${await row.textContent()}`);
    },
    terminal: (text) => page.locator(".terminal-wrapper.active .xterm-rows").filter({ hasText: text }).first(),
  };
}

function isSeen(locator: Locator, state: "visible" | "detached", timeout: number): Promise<boolean> {
  return locator.waitFor({ state, timeout }).then(
    () => true,
    () => false,
  );
}

/** Does something again and again until what it brings up is there: keys pressed while the focus moves go nowhere. */
export async function untilShown(locator: Locator, act: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; tries < 10; tries++) {
    await act();
    if (await isSeen(locator, "visible", 2000)) return;
  }
  await locator.waitFor();
}

/** The page, once the app in the container has begun to listen. */
export async function fetchPage(url: string): Promise<string> {
  for (let tries = 0; ; tries++) {
    try {
      return await (await fetch(url, { signal: AbortSignal.timeout(5000) })).text();
    } catch (error) {
      if (tries === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
