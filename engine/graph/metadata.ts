import type { Range } from "../base/ranges.ts";
import { parseDuration } from "../dockerfile/duration.ts";
import type { Instruction } from "../dockerfile/model.ts";
import { readPairs } from "../dockerfile/pairs.ts";
import { splitAtBlanks } from "../dockerfile/words.ts";
import type { Healthcheck } from "../oci/types.ts";
import { formatDuration, quoteList } from "./go-format.ts";
import { cleanPath } from "./paths.ts";
import { placeOf, type Step, triggerText } from "./plan.ts";
import * as problem from "./problems.ts";
import type { StageState } from "./stage-state.ts";

/** Instructions that change the config and no file; `undefined` for the others. */
export const metadataInstructions: Readonly<Record<string, (state: StageState, step: Step) => void>> = {
  ARG: declareArguments,
  CMD: setCommand,
  ENTRYPOINT: setEntrypoint,
  ENV: setPairs,
  EXPOSE: exposePorts,
  HEALTHCHECK: setHealthcheck,
  LABEL: setPairs,
  MAINTAINER: setMaintainer,
  ONBUILD: addTrigger,
  SHELL: setShell,
  STOPSIGNAL: setStopSignal,
  USER: setUser,
  VOLUME: addVolumes,
};

/** All pairs of ENV and LABEL see the variables as they were before the instruction. */
function setPairs(state: StageState, step: Step): void {
  const { instruction } = step;
  const expanded: [name: string, value: string][] = [];
  for (const pair of readPairs(instruction).pairs) {
    const name = state.expand(pair.name, placeOf(step, pair.nameSpan.start, pair.nameSpan.end));
    const { start = 0, end = 0 } = pair.valueSpan ?? {};
    const value = state.expand(pair.value ?? "", placeOf(step, start, end));
    if (name !== undefined && value !== undefined) expanded.push([name, value]);
  }
  for (const [name, value] of expanded) {
    if (instruction.keyword === "LABEL") state.config.labels.set(name, value);
    else state.setVariable(name, value);
  }
  const shown = expanded.map(([name, value]) => `${name}=${value}`);
  state.commitEmpty(`${instruction.keyword} ${shown.join(" ")}`);
}

/** Each argument sees those before it. Without any value it stays unset: no variable at all. */
function declareArguments(state: StageState, step: Step): void {
  const { buildArgs, globals } = state.shared.plan;
  const shown: string[] = [];
  for (const { name, value: written, valueSpan } of readPairs(step.instruction).pairs) {
    const { start = 0, end = 0 } = valueSpan ?? {};
    let value = buildArgs.get(name);
    if (value === undefined) {
      value = written === undefined ? globals.get(name) : state.expand(written, placeOf(step, start, end));
    }
    shown.push(written === undefined && !buildArgs.has(name) ? name : `${name}=${value ?? ""}`);
    state.declaredArgs.set(name, value);
    if (value !== undefined) state.setArgument(name, value);
  }
  state.commitEmpty(`ARG ${shown.join(" ")}`);
}

function setCommand(state: StageState, { instruction }: Step): void {
  state.config.cmd = commandOf(state, instruction);
  state.config.argsEscaped = true;
  state.hasOwnCmd = true;
  state.commitEmpty(`CMD ${quoteList(state.config.cmd)}`);
}

function setEntrypoint(state: StageState, { instruction }: Step): void {
  const command = commandOf(state, instruction);
  state.config.entrypoint = command.length > 0 ? command : null;
  if (!state.hasOwnCmd) state.config.cmd = null;
  state.commitEmpty(`ENTRYPOINT ${quoteList(command)}`);
}

function commandOf(state: StageState, { json, rest }: Instruction): string[] {
  return json === undefined ? state.withShell(rest.text) : json.map(({ value }) => value);
}

function setShell(state: StageState, { instruction }: Step): void {
  const shell = (instruction.json ?? []).map(({ value }) => value);
  state.config.shell = shell;
  state.commitEmpty(`SHELL [${shell.join(" ")}]`);
}

function setUser(state: StageState, step: Step): void {
  const user = oneText(state, step);
  if (user === undefined) return;
  state.config.user = user;
  state.commitEmpty(`USER ${user}`);
}

function setMaintainer(state: StageState, { instruction }: Step): void {
  state.author = instruction.rest.text;
  state.commitEmpty(`MAINTAINER ${instruction.rest.text}`);
}

function setStopSignal(state: StageState, step: Step): void {
  const signal = oneText(state, step);
  if (signal === undefined) return;
  if (!isSignal(signal)) state.report(problem.badSignal(wholeRest(step), signal));
  state.config.stopSignal = signal;
  state.commitEmpty(`STOPSIGNAL ${signal}`);
}

function isSignal(text: string): boolean {
  const number = Number(text);
  if (/^\d+$/.test(text)) return number >= 1 && number <= 64;
  const name = text.toUpperCase().replace(/^SIG/, "");
  return signals.has(name) || /^RTM(?:IN(?:\+(?:\d|1[0-5]))?|AX(?:-(?:\d|1[0-4]))?)$/.test(name);
}

const signals = new Set(
  (
    "ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP " +
    "TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ"
  ).split(" "),
);

function exposePorts(state: StageState, step: Step): void {
  const words = state.expandToWords(step.instruction.rest.text, wholeRest(step));
  if (words === undefined) return;
  const added = new Set<string>();
  for (const word of words) {
    const ports = readPorts(word);
    if (ports === undefined) state.report(problem.badPort(wholeRest(step), word));
    for (const port of ports ?? []) added.add(port);
  }
  for (const port of added) state.config.ports.add(port);
  state.commitEmpty(`EXPOSE [${[...added].sort().join(" ")}]`);
}

/** `8080`, `53/udp`, `3000-3005`; of `ip:host:container` only the last part counts. */
function readPorts(word: string): string[] | undefined {
  const match = /^(?:.*:)?(\d+)(?:-(\d+))?(?:\/(tcp|udp|sctp))?$/i.exec(word);
  if (match === null) return undefined;
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  if (first < 1 || last > 65_535 || last < first) return undefined;
  const protocol = (match[3] ?? "tcp").toLowerCase();
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/${protocol}`);
}

function addVolumes(state: StageState, step: Step): void {
  const { json, rest } = step.instruction;
  const written =
    json?.map(({ value, range }) => ({ text: value, range: step.at ?? range })) ??
    splitAtBlanks(rest.text).map(({ start, end }) => ({
      text: rest.text.slice(start, end),
      range: placeOf(step, start, end),
    }));
  const volumes: string[] = [];
  for (const { text, range } of written) {
    const volume = state.expand(text, range);
    if (volume === undefined) continue;
    if (volume.trim() === "") state.report(problem.blankVolume(range));
    else volumes.push(volume);
  }
  for (const volume of volumes) state.config.volumes.add(volume);
  state.commitEmpty(`VOLUME [${volumes.join(" ")}]`);
}

function setHealthcheck(state: StageState, { instruction }: Step): void {
  const { json, rest, flags } = instruction;
  const [, type = "", command = ""] = /^(\S+)\s*([\s\S]*)$/.exec(rest.text) ?? [];
  const isNone = type.toUpperCase() === "NONE";
  const test = isNone ? ["NONE"] : json ? ["CMD", ...json.map(({ value }) => value)] : ["CMD-SHELL", command];
  const duration = (name: string) =>
    isNone ? 0 : (parseDuration(flags.find((flag) => flag.name === name)?.value || "0") ?? 0);
  const values = {
    Interval: duration("interval"),
    Timeout: duration("timeout"),
    StartPeriod: duration("start-period"),
    StartInterval: duration("start-interval"),
  };
  const retries = isNone ? 0 : Number(flags.find(({ name }) => name === "retries")?.value ?? 0);
  const set = Object.fromEntries(Object.entries({ ...values, Retries: retries }).filter(([, value]) => value !== 0));
  const healthcheck: Healthcheck = { Test: test, ...set };
  state.config.healthcheck = healthcheck;
  const shown = Object.entries(values).map(([name, value]) => `${name}:${formatDuration(value)}`);
  state.commitEmpty(`HEALTHCHECK {Test:[${test.join(" ")}] ${shown.join(" ")} Retries:${retries}}`);
}

/** Stored as written; the reference gives it no line in the history. */
function addTrigger(state: StageState, { instruction }: Step): void {
  state.config.onBuild.push(triggerText(instruction));
}

/**
 * WORKDIR: an absolute path is kept as written, a relative one is joined and cleaned. The root makes no layer.
 * What it creates belongs to the current USER.
 */
export function changeDirectory(state: StageState, step: Step): void {
  const written = oneText(state, step);
  if (written === undefined) return;
  const { config } = state;
  const path = absolutePath(written, config.workingDir);
  config.workingDir = path;
  const cleaned = cleanPath(path);
  if (cleaned === "/") {
    state.commitEmpty(`WORKDIR ${path}`);
    return;
  }
  const op = { kind: "mkdir", parent: state.vertex, path: cleaned, user: config.user } as const;
  state.commitLayer(op, step, `WORKDIR ${path}`);
}

function absolutePath(written: string, workingDir: string): string {
  if (written === "") return workingDir || "/";
  return written.startsWith("/") ? written : cleanPath(workingDir, written);
}

function oneText(state: StageState, step: Step): string | undefined {
  return state.expand(step.instruction.rest.text, wholeRest(step));
}

function wholeRest(step: Step): Range {
  return placeOf(step, 0, step.instruction.rest.text.length);
}
