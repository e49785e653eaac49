import { msg } from "../../../engine/base/message.ts";
import { turnRuleOff } from "../../rule-off.ts";
import type { Services } from "../../services.ts";

export async function turnOff({ ui }: Services, rule?: string): Promise<void> {
  if (typeof rule !== "string") return;
  const undo = await turnRuleOff(rule);
  ui.info(msg("{rule} is off now: drydock.lint.rules in the settings says so.", { rule }), {
    label: msg("Undo"),
    run: () => undo().then(undefined, ui.error),
  });
}
