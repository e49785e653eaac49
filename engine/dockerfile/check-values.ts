import type { Range } from "../base/ranges.ts";
import * as problem from "./errors.ts";
import type { Instruction, Problem, Stage } from "./model.ts";
import { splitAtBlanks } from "./words.ts";

/** Ports of EXPOSE as far as they are written without variables. Of `ip:host:container` only the last part counts. */
export function checkPorts({ rest }: Instruction): readonly Problem[] {
  return splitAtBlanks(rest.text).flatMap(({ start, end }) => {
    const text = rest.text.slice(start, end);
    return isWrittenOut(text) && !isPort(text) ? [problem.badPort(rest.rangeOf(start, end), text)] : [];
  });
}

function isPort(text: string): boolean {
  const match = /^(?:.*:)?(\d+)(?:-(\d+))?(?:\/(?:tcp|udp|sctp))?$/i.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  return match !== null && first >= 1 && last <= 65_535 && first <= last;
}

export function checkSignal({ rest }: Instruction): readonly Problem[] {
  const { text } = rest;
  return isWrittenOut(text) && !isSignal(text) ? [problem.badSignal(rest.rangeOf(0, text.length), text)] : [];
}

function isSignal(text: string): boolean {
  if (/^\d+$/.test(text)) return Number(text) >= 1 && Number(text) <= 64;
  const name = text.toUpperCase().replace(/^SIG/, "");
  return signals.has(name) || /^RTM(?:IN(?:\+(?:\d|1[0-5]))?|AX(?:-(?:\d|1[0-4]))?)$/.test(name);
}

const signals = new Set(
  (
    "ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP " +
    "TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ"
  ).split(" "),
);

/** An image that can be none; it may yet be the name of a stage. */
export function checkImageName(image: string, range: Range): readonly Problem[] {
  return isWrittenOut(image) && !isImageName(image) ? [problem.badImageName(range, image)] : [];
}

/** Problems without those of images that are stages above. */
export function withoutStageNames(problems: Problem[], stages: readonly Stage[]): Problem[] {
  if (!problems.some(isOfImageName)) return problems;
  const lines = new Map<string, number>();
  for (const { name } of stages.toReversed()) if (name) lines.set(name.text.toLowerCase(), name.range.start.line);
  return problems.filter((found) => {
    const line = isOfImageName(found) ? lines.get(String(found.message.args?.name).toLowerCase()) : undefined;
    return line === undefined || line >= found.range.start.line;
  });
}

function isOfImageName({ code }: Problem): boolean {
  return code === "syntax/image-name";
}

/** github.com/distribution/reference, "Grammar": host, path, tag and digest. */
export function isImageName(text: string): boolean {
  return text.length <= 600 && imageName.test(text);
}

const imageName =
  /^(?:(?:[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)+|[a-zA-Z0-9-]+(?=:\d+\/)|[a-zA-Z0-9-]*[A-Z][a-zA-Z0-9-]*(?=\/)|localhost|\[[0-9a-fA-F:]+\])(?::\d+)?\/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@[a-zA-Z][a-zA-Z0-9]*(?:[-_+.][a-zA-Z][a-zA-Z0-9]*)*:[0-9a-fA-F]{32,})?$/;

/** False when variables, quotes or escapes decide what it becomes. */
function isWrittenOut(text: string): boolean {
  return !/[$'"\\`]/.test(text);
}
