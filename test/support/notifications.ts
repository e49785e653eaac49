import type { Locator } from "playwright-core";
import type { Person } from "./person.ts";
import type { Editor } from "./vscode.ts";

/**
 * Waits for a notification that may have come some time ago, or is still to come: after ten seconds it is taken away, while the list of
 * all, once it is open, keeps what was there and shows what comes.
 */
export async function untilTold({ command }: Editor, user: Person, text: string | RegExp): Promise<Locator> {
  await command("Notifications: Show Notifications");
  const told = user.notification(text);
  await told.waitFor();
  return told;
}
