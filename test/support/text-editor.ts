// Keys of a text editor in the page: pressed once they go there, and again when they went nowhere.
import type { Locator } from "playwright-core";
import { untilShown } from "./person.ts";
import type { Editor } from "./vscode.ts";

/** Saves what has been changed. */
export async function save({ page }: Editor): Promise<void> {
  await page.locator(".tab.active.dirty").waitFor();
  await untilShown(page.locator(".tab.active:not(.dirty)"), () => page.keyboard.press("Control+s"));
}

/** Waits until a text editor has the keys; `uri`: a part of its address, where another one may still be shown. */
export async function untilTyping({ page }: Editor, uri = ":"): Promise<void> {
  await page.locator(`.monaco-editor.focused[data-uri*="${uri}"]`).first().waitFor();
}

/** Goes to the next problem as F8 does, and closes what it says there. */
export async function goToNextProblem(editor: Editor): Promise<void> {
  const { page } = editor;
  const peek = page.locator(".zone-widget");
  await page.locator(".monaco-editor textarea, .monaco-editor .native-edit-context").first().focus();
  await untilShown(peek.first(), () => page.keyboard.press("F8"));
  await untilAway(peek.first(), () => page.keyboard.press("Escape"));
  await untilTyping(editor);
}

/** Opens the light bulb's list at the cursor: its rows, once it takes keys. */
export async function offers({ page }: Editor): Promise<Locator> {
  const list = page.locator(".action-widget:not(.action-list-submenu-panel)");
  await untilShown(list, () => page.keyboard.press("Control+."));
  await list.and(page.locator(":focus-within")).waitFor();
  return list.locator(".monaco-list-row");
}

/** Takes the first row of the light bulb's list. */
export async function takeFirstOffer({ page }: Editor): Promise<void> {
  const list = page.locator(".action-widget:not(.action-list-submenu-panel)");
  await untilAway(list, async () => {
    // Where it has gone meanwhile, Enter would break a line of the text.
    if (await list.isVisible()) await page.keyboard.press("Enter");
  });
}

/** Does something again and again until what it takes away is gone. */
export async function untilAway(locator: Locator, act: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; tries < 10; tries++) {
    // It may go while it is clicked again.
    await act().catch(() => undefined);
    const gone = await locator.waitFor({ state: "hidden", timeout: 2000 }).then(
      () => true,
      () => false,
    );
    if (gone) return;
  }
  await locator.waitFor({ state: "hidden" });
}
