import type { StageView } from "./views.ts";

/** The last USER of the stages that this one is built from; what an image brings along is not known. */
export function inheritedUser(stage: StageView): string | undefined {
  for (let view = stage.parent; view; view = view.parent) {
    const last = view.only("USER").findLast(({ onbuild }) => !onbuild);
    if (last) return last.instruction.rest.text.trim();
  }
  return undefined;
}

/** `root`, `0`, `root:root`; of Windows the administrator. */
export function isRoot(user: string): boolean {
  return /^["']?(?:root|0+)["']?(?::|$)/.test(user) || /^["']?ContainerAdministrator\b/i.test(user);
}
