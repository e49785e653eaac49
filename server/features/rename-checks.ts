import { type Message, msg } from "../../engine/base/message.ts";
import type { Analysis } from "../analysis.ts";
import type { HeredocName } from "../symbols/heredoc-names.ts";
import type { Occurrence } from "../symbols/model.ts";
import { isPredefined } from "../symbols/predefined.ts";

/** Why a stage cannot have this name. */
export function refusedStage({ symbols, dockerfile }: Analysis, one: Occurrence, newName: string): Message | undefined {
  const name = newName;
  if (!/^[a-z][a-z0-9_.-]*$/i.test(name)) {
    return msg("A stage's name starts with a letter and has letters, digits, -, _ and .");
  }
  const lower = name.toLowerCase();
  if (lower === "scratch" || lower === "context") return msg("{name} means something to the builder", { name });
  const own = dockerfile.stages.find(({ index }) => `stage ${index}` === one.entity);
  const isTaken = dockerfile.stages.some((stage) => stage !== own && stage.name?.text.toLowerCase() === lower);
  if (isTaken) return msg("There is already a stage {name}", { name });
  // FROM sees the stages above it, --from sees all.
  const image = symbols.links.find(
    ({ stage, target, text, isBase }) =>
      !target && text?.toLowerCase() === lower && (!isBase || stage.index > (own?.index ?? 0)),
  );
  if (!image) return undefined;
  const line = `${image.range.start.line + 1}`;
  return msg("{name} is an image in line {line}, and would become this stage there", { name, line });
}

/** Why a variable cannot have this name. */
export function refusedVariable({ symbols }: Analysis, one: Occurrence, newName: string): Message | undefined {
  const name = newName;
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    return msg("A variable's name has letters, digits and _, and starts with no digit");
  }
  if (isPredefined(name)) return msg("{name} means something to the builder or the shell", { name });
  return symbols.isFree(one, name) ? undefined : msg("There is already a variable {name} here", { name });
}

/** Why a heredoc cannot have this name. */
export function refusedHeredoc({ instruction, heredoc }: HeredocName, newName: string): Message | undefined {
  if (!/^\w[\w.-]*$/.test(newName)) return msg("A heredoc's name has letters, digits, -, _ and .");
  const others = (instruction.trigger ?? instruction).heredocs.filter((one) => one.range !== heredoc.range);
  const isTaken =
    others.some(({ delimiter }) => delimiter === newName) || heredoc.content.split("\n").includes(newName);
  return isTaken ? msg("A line of the heredoc or another heredoc is called {name}", { name: newName }) : undefined;
}
