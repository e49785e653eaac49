import { constants } from "node:os";

/** First real-time signal as programs see it (two below it belong to the C library). */
const realTimeMin = 34;
const realTimeMax = 64;

/** `TERM`, `SIGTERM`, `RTMIN+3`, `15` → number; undefined when there is no such signal. */
export function signalNumber(signal: string | number): number | undefined {
  if (typeof signal === "number") return signal >= 0 && signal <= realTimeMax ? signal : undefined;
  if (/^\d+$/.test(signal)) return signalNumber(Number(signal));
  const name = signal.toUpperCase().replace(/^SIG/, "");
  const realTime = /^RT(MIN|MAX)([+-]\d+)?$/.exec(name);
  if (realTime) {
    const number = (realTime[1] === "MIN" ? realTimeMin : realTimeMax) + Number(realTime[2] ?? 0);
    return number >= realTimeMin && number <= realTimeMax ? number : undefined;
  }
  return (constants.signals as Readonly<Record<string, number | undefined>>)[`SIG${name}`];
}
