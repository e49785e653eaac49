// A session is a text file: what is typed, and what dockerd answered when it was asked.
//
//   # a comment
//   $ docker run --rm busybox sh -c 'echo out; echo err >&2; exit 3'
//     out
//   ! err
//   = 3
import { digestOf } from "../../../engine/base/digest.ts";

export interface Answer {
  readonly code: number;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

export interface Step {
  readonly line: string;
  readonly answer: Answer;
}

/** Comments and blank lines keep their place: they belong to the step behind them. */
export interface Session {
  readonly name: string;
  readonly steps: readonly (Step & { readonly before: readonly string[] })[];
  /** Changes with what is typed: says whether the answers belong to it. */
  readonly input: string;
}

const stamp = /^# recorded: (\w*)$/;

export function parseSession(name: string, text: string): Session & { readonly recorded: string } {
  const steps: { before: string[]; line: string; answer: { code: number; stdout: string[]; stderr: string[] } }[] = [];
  let recorded = "";
  let before: string[] = [];
  for (const line of text.trimEnd().split("\n")) {
    const last = steps.at(-1)?.answer;
    const mark = stamp.exec(line);
    if (mark) recorded = mark[1] ?? "";
    else if (line.startsWith("$ ")) {
      steps.push({ before, line: line.slice(2), answer: { code: 0, stdout: [], stderr: [] } });
      before = [];
    } else if (line.startsWith("> ")) {
      const step = steps.at(-1);
      if (step) step.line += `\n${line.slice(2)}`;
    } else if (/^ {2}/.test(line)) last?.stdout.push(line.slice(2));
    else if (/^! ?/.test(line)) last?.stderr.push(line.slice(2));
    else if (/^= \d+$/.test(line) && last) last.code = Number(line.slice(2));
    else before.push(line);
  }
  const input = digestOf(JSON.stringify(steps.map(({ line }) => line))).slice(7, 23);
  return { name, steps, input, recorded };
}

export function formatSession({ steps, input }: Session): string {
  const parts = steps.map(({ before, line, answer }) =>
    [
      ...before,
      `$ ${line.replaceAll("\n", "\n> ")}`,
      ...answer.stdout.map((out) => `  ${out}`),
      ...answer.stderr.map((out) => (out === "" ? "!" : `! ${out}`)),
      ...(answer.code === 0 ? [] : [`= ${answer.code}`]),
    ].join("\n"),
  );
  return `# recorded: ${input}\n${parts.join("\n")}\n`;
}

/** What a step is called: its line, with a number where that was typed before. */
export function stepName({ steps }: Session, at: number): string {
  const line = steps[at]?.line ?? "";
  const before = steps.slice(0, at).filter((step) => step.line === line).length;
  return before === 0 ? line : `${line} (${before + 1})`;
}

/** How often the client is called. */
export function invocations({ steps }: Session): number {
  return steps.reduce((sum, { line }) => sum + (line.match(/(?<![\w-])docker (?=[a-z-])/g) ?? []).length, 0);
}

export function linesOf({ code, stdout, stderr }: Answer): string[] {
  return [
    ...stdout.map((line) => `  ${line}`),
    ...stderr.map((line) => `! ${line}`.trimEnd()),
    ...(code === 0 ? [] : [`= ${code}`]),
  ];
}

/** An error of ours may go on after Docker's words, with what to do; newer dockerds begin theirs with a small letter. */
export function agree(ours: readonly string[], theirs: readonly string[]): boolean {
  return ours.length === theirs.length && ours.every((line, at) => sameWords(line, theirs[at] ?? ""));
}

function sameWords(ours: string, theirs: string): boolean {
  if (!theirs.startsWith("! ")) return ours === theirs;
  const [own, wanted] = [ours, theirs].map((line) => line.replace(/(daemon: )(\w)/, (_, a, b) => a + b.toLowerCase()));
  return own === wanted || own?.startsWith(`${wanted?.replace(/\.$/, "")}. `) === true;
}
