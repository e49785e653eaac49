import { type Message, msg } from "../../../engine/base/message.ts";
import { contains } from "../../lint/fixes.ts";
import type { Occurrence } from "../../symbols/model.ts";
import { code, paragraphs, quoteOf, type Said, type Spot, stageLabel } from "./spot.ts";

const mostShown = 10;

/** A stage by any of its names: AS, FROM, `--from=`, a mount. */
export function ofStage({ analysis, position, instruction, translate }: Spot): Said | undefined {
  // Elsewhere nothing names a stage.
  if (instruction.keyword !== "FROM" && !instruction.flags.some(({ range }) => contains(range, position)))
    return undefined;
  const { symbols, dockerfile, views } = analysis;
  const one = symbols.at(position);
  if (one?.kind !== "stage") return undefined;
  const found = symbols.definitionOf(one);
  const stage = found && dockerfile.stages[found.stage];
  const view = stage && views.stages[stage.index];
  if (!stage || !view) return undefined;
  const { base } = view;
  const users = symbols.same(one).filter(({ isDefinition }) => !isDefinition);
  // FROM may name it through a variable, which is no place with its name.
  const isWanted = users.length > 0 || view.isLast || view.isBase || view.isSource;
  const lines = users.slice(0, mostShown).map((user) => {
    const by = dockerfile.stages[user.stage];
    return `- ${translate(useOf(user, code(by ? stageLabel(by) : "")))}`;
  });
  if (users.length > mostShown) lines.push("- …");
  const text = paragraphs(
    quoteOf(analysis, stage.from),
    translate(
      msg("Stage {number} of {total}, from {base}, instructions: {count}", {
        number: stage.index + 1,
        total: dockerfile.stages.length,
        base: code(base.resolved ?? base.text),
        count: stage.instructions.length,
      }),
    ),
    view.isLast && translate(msg("It is the last one: it becomes the image.")),
    !isWanted &&
      translate(msg("Nothing uses it: it is built with --target {name} only.", { name: code(stageLabel(stage)) })),
    lines.length > 0 && `${translate(msg("Used by"))}\n\n${lines.join("\n")}`,
  );
  return { text, range: one.range };
}

function useOf({ instruction, range }: Occurrence, stage: string): Message {
  const line = range.start.line + 1;
  return instruction.keyword === "FROM"
    ? msg("{stage}, line {line}: is built from it", { stage, line })
    : msg("{stage}, line {line}: takes files of it", { stage, line });
}
