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

export function isSignal(text: string): boolean {
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

/** Images that can be none: neither a stage above nor a name that a registry could have. */
export function checkImageNames(stages: readonly Stage[]): readonly Problem[] {
  const above = new Set<string>();
  const problems: Problem[] = [];
  for (const { from, name } of stages) {
    const [image] = splitAtBlanks(from.rest.text);
    const text = image === undefined ? "" : from.rest.text.slice(image.start, image.end);
    if (image !== undefined && isWrittenOut(text) && !isImageName(text) && !above.has(text.toLowerCase())) {
      problems.push(problem.badImageName(from.rest.rangeOf(image.start, image.end), text));
    }
    if (name !== undefined) above.add(name.text.toLowerCase());
  }
  return problems;
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
