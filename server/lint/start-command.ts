import type { Range } from "../../engine/base/ranges.ts";
import type { Instruction } from "../../engine/dockerfile/model.ts";
import { inherited } from "./inherited.ts";
import type { InstructionView, StageView } from "./views.ts";

type Starting = "CMD" | "ENTRYPOINT" | "HEALTHCHECK";

/** The stage's own one that counts: of several the last. Triggers are none of it. */
export function lastOwn(stage: StageView, keyword: Starting): InstructionView | undefined {
  return stage.only(keyword).findLast(({ onbuild }) => !onbuild);
}

/** The stage's, or that of the nearest stage it is built from. */
export function inEffect(stage: StageView, keyword: Starting): InstructionView | undefined {
  return nearestOf[keyword](stage);
}

const nearest = (keyword: Starting) =>
  inherited<InstructionView | undefined>((stage, above) => lastOwn(stage, keyword) ?? above);
const nearestOf = { CMD: nearest("CMD"), ENTRYPOINT: nearest("ENTRYPOINT"), HEALTHCHECK: nearest("HEALTHCHECK") };

/** `ENTRYPOINT ["sh", "-c"]`: CMD's first word is then a text for a shell. */
export function endsInShell(stage: StageView): boolean {
  const json = inEffect(stage, "ENTRYPOINT")?.instruction.json;
  return /^-\w*c$/.test(json?.at(-1)?.value ?? "");
}

/** The JSON list with its brackets. */
export function listRange({ rest, json }: Instruction): Range {
  const start = Math.max(0, rest.text.lastIndexOf("[", json?.[0]?.offset ?? rest.text.length));
  return rest.rangeOf(start, rest.text.trimEnd().length);
}

/** What is written as command, without the blanks around it. */
export function commandRange({ keyword, rest }: Instruction): Range {
  const before = keyword === "HEALTHCHECK" ? /^\s*(?:CMD\s+)?/i : /^\s*/;
  return rest.rangeOf(before.exec(rest.text)?.[0].length ?? 0, rest.text.trimEnd().length);
}
