import { inherited } from "./inherited.ts";
import type { StageView } from "./views.ts";

/** The last USER of the stages that this one is built from; what an image brings along is not known. */
export function inheritedUser({ parent }: StageView): string | undefined {
  return parent && lastUser(parent);
}

const lastUser = inherited<string | undefined>(
  (stage, above) =>
    stage
      .only("USER")
      .findLast(({ onbuild }) => !onbuild)
      ?.instruction.rest.text.trim() ?? above,
);

/** `root`, `0`, `root:root`; of Windows the administrator. */
export function isRoot(user: string): boolean {
  return /^["']?(?:root|0+)["']?(?::|$)/.test(user) || isAdministrator(user);
}

/** Windows has no root. */
export function isAdministrator(user: string): boolean {
  return /^["']?ContainerAdministrator\b/i.test(user);
}
