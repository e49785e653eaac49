import { eventually } from "./person.ts";
import type { Editor } from "./vscode.ts";

/** VS Code's own themes: the label that a person chooses, and what the window is then of. */
export const themes = {
  light: { label: "Light Modern", of: ".vs" },
  dark: { label: "Dark Modern", of: ".vs-dark" },
  contrast: { label: "Dark High Contrast", of: ".hc-black" },
  lightContrast: { label: "Light High Contrast", of: ".hc-light" },
} as const;

export type Theme = keyof typeof themes;

/** Chooses a theme and waits until the window is drawn in it. */
export async function chooseTheme({ page, command }: Editor, theme: Theme): Promise<void> {
  const { label, of } = themes[theme];
  // The palette, which closes, is the same widget.
  const themed = page.locator('input.input[placeholder*="Color Theme"]');
  const picker = page.locator(".quick-input-widget").filter({ has: themed, visible: true });
  const timeout = 5000;
  // What opens late takes the focus, and the list closes: a person asks again.
  await eventually(async () => {
    if (!(await picker.isVisible())) await command("Preferences: Color Theme");
    // The list is long: what is not shown is not there.
    await picker.locator(themed).fill(label, { timeout });
    await picker.locator(".monaco-list-row").filter({ hasText: label }).first().click({ timeout });
    await picker.waitFor({ state: "detached", timeout });
  }, 120_000);
  await page.locator(`.monaco-workbench${of}`).waitFor();
}
