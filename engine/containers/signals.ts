import os from "node:os";
import { unknownSignal } from "./errors.ts";

/** Linux: glibc and musl leave 34 and above to programs; `SIGRTMIN+3` is how systemd is asked to halt. */
const firstRealTime = 34;
const last = 64;

/** `TERM`, `SIGTERM`, `sigterm`, `15`, `RTMIN+3` → number. @throws EngineError `invalid-argument` */
export function signalNumber(text: string): number {
  if (/^\d+$/.test(text)) {
    const number = Number(text);
    if (number < 1 || number > last) throw unknownSignal(text);
    return number;
  }
  const name = text.toUpperCase().replace(/^SIG/, "");
  const realTime = /^RTMIN(?:\+(\d+))?$/.exec(name);
  if (realTime) {
    const number = firstRealTime + Number(realTime[1] ?? 0);
    if (number > last) throw unknownSignal(text);
    return number;
  }
  const known: Readonly<Record<string, number>> = os.constants.signals;
  const number = known[`SIG${name}`];
  if (number === undefined) throw unknownSignal(text);
  return number;
}
