import { type Message, msg } from "../../engine/base/message.ts";
import type { EngineTarget } from "../engines/targets.ts";

/** `Drydock (embedded)`, `Docker`, `Docker: desktop-linux`, `Podman: machine`. */
export function engineName({ kind, id, name }: EngineTarget, translate: (message: Message) => string): string {
  if (kind === "embedded") return translate(msg("Drydock (embedded)"));
  if (id === kind) return name;
  return `${kind === "podman" ? "Podman" : "Docker"}: ${name}`;
}
