import { signalNumber } from "../runtime/signals.ts";
import { unknownSignal } from "./errors.ts";

/** `TERM`, `SIGTERM`, `sigterm`, `15`, `RTMIN+3` → number. @throws EngineError `invalid-argument` */
export function parseSignal(text: string): number {
  const number = signalNumber(text);
  if (number === undefined || number === 0) throw unknownSignal(text);
  return number;
}
