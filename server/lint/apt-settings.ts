import { contextCopies } from "./copies.ts";
import { inherited } from "./inherited.ts";
import type { InstructionView, StageView } from "./views.ts";

/** Marks of what a rule sees that asks for settings of apt. */
export const settingApt: readonly string[] = ["RUN", "COPY", "ADD"];

const configured = /^\/etc\/apt\/(?:apt\.conf|$)/;

/**
 * Instructions that write a setting into apt's configuration, as `APT::Get::Assume-Yes "true";`: by echo, tee, a heredoc,
 * or a file of the context. `isSet(stage)`: a stage above has it.
 */
export function aptSetting(name: string) {
  // Neither the flag `--assume-yes` nor `-o APT::Get::Assume-Yes=true`, which hold for one call.
  const pattern = new RegExp(`(?<!-)\\b${name}\\b(?!\\s*=)`, "i");
  const sets = ({ keyword, instruction, script }: InstructionView, { project }: StageView): boolean => {
    if (keyword === "RUN") return pattern.test(script.text);
    if (keyword !== "COPY" && keyword !== "ADD") return false;
    if (instruction.heredocs.length > 0) return instruction.heredocs.some(({ content }) => pattern.test(content));
    const [copy] = contextCopies({ instructions: [instruction] });
    if (!copy || !configured.test(copy.destination)) return false;
    // Of a file that cannot be read the best is assumed.
    return copy.sources.some((source) => pattern.test(project.text(source.replace(/^\.?\//, "")) ?? name));
  };
  const isSet = inherited<boolean>((stage, above) => {
    return above === true || stage.only(...settingApt).some((view) => sets(view, stage));
  });
  return { sets, isSet };
}
