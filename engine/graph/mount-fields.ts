import type { Range } from "../base/ranges.ts";
import type { Flag } from "../dockerfile/model.ts";
import { readMountFields } from "../dockerfile/mount-flag.ts";

/** What `from=` names; a name with a variable is none, because it would have to be known before anything is expanded. */
export function mountFrom(flag: Flag): { readonly name: string; readonly range: Range } | undefined {
  const field = readMountFields(flag).fields.findLast(({ key }) => key === "from");
  if (!field?.value || hasVariable(field.value) || isNumber(field.value)) return undefined;
  return { name: field.value, range: field.valueRange };
}

function hasVariable(name: string): boolean {
  return /\$./.test(name);
}

/** Stages are not counted here, unlike in COPY --from. */
export function isNumber(name: string): boolean {
  return /^\d+$/.test(name);
}
