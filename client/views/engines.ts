import { type Message, msg } from "../../engine/base/message.ts";
import { formatAddress } from "../engines/address.ts";
import type { EngineTarget } from "../engines/targets.ts";
import { engineName } from "../ui/engine-name.ts";
import type { Node } from "./node.ts";

export interface EngineNode extends Node {
  /** As the setting names it. */
  readonly engineId: string;
}

/** One row an engine. `answers`: which of them answer; absent while it is not known. */
export function engineNodes(
  targets: readonly EngineTarget[],
  used: string | undefined,
  answers: ReadonlyMap<string, boolean>,
  translate: (message: Message) => string,
): EngineNode[] {
  return targets.map((target) => {
    const isUsed = target.id === used;
    const answer = answers.get(target.id);
    const state =
      answer === undefined
        ? undefined
        : answer
          ? translate(msg("running"))
          : target.kind === "embedded"
            ? translate(msg("starts when it is needed"))
            : translate(msg("does not answer"));
    const label = engineName(target, translate);
    const words = [isUsed ? translate(msg("in use")) : undefined, state];
    const shown = words.filter((word) => word !== undefined);
    return {
      id: target.id,
      engineId: target.id,
      label,
      description: shown.join(" · "),
      tooltip: [label, ...(target.address ? [formatAddress(target.address)] : []), ...shown].join("\n"),
      icon: isUsed
        ? { id: "pass-filled", color: "testing.iconPassed" }
        : { id: answer === false && target.kind !== "embedded" ? "debug-disconnect" : "server-environment" },
      accessibleLabel: [label, ...shown].join(", "),
      kind: isUsed ? "engine.used" : "engine.other",
    };
  });
}
