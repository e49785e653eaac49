import type { Position, Range } from "../../engine/base/ranges.ts";
import { contains } from "../lint/fixes.ts";
import type { BuildArg, BuildFile, Placed } from "./model.ts";
import type { Resolved } from "./resolve.ts";

/** What stands under the cursor in a Compose or Bake file. */
export type BuildSpot =
  | { readonly kind: "dockerfile" | "context" | "target"; readonly one: Resolved; readonly text: Placed }
  | { readonly kind: "arg"; readonly one: Resolved; readonly arg: BuildArg }
  | { readonly kind: "build"; readonly text: Placed };

export function spotAt(file: BuildFile, builds: readonly Resolved[], position: Position): BuildSpot | undefined {
  const isHere = ({ range }: { readonly range: Range }) => contains(range, position);
  for (const one of builds) {
    const { context, dockerfile, target, args, inherits } = one.build;
    if (dockerfile && isHere(dockerfile)) return { kind: "dockerfile", one, text: dockerfile };
    if (context && isHere(context)) return { kind: "context", one, text: context };
    if (target && isHere(target)) return { kind: "target", one, text: target };
    const arg = args.find(({ name }) => isHere(name));
    if (arg) return { kind: "arg", one, arg };
    const parent = inherits.find(isHere);
    if (parent) return { kind: "build", text: parent };
  }
  const mention = file.mentions.find(isHere);
  return mention && { kind: "build", text: mention };
}
