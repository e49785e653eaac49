import { type Message, msg } from "../../engine/base/message.ts";
import type { Range } from "../../engine/base/ranges.ts";
import { type CommandFlag, flagsOf, hasFlag } from "../shell/arguments.ts";
import type { Command, ShellWord } from "../shell/model.ts";
import { replace } from "./fixes.ts";
import type { Report, TextEdit } from "./rule.ts";
import { isSetIn } from "./variable-uses.ts";
import type { InstructionView, StageView } from "./views.ts";

/** How the words of a package manager are read. */
export interface PackageTool {
  readonly programs: readonly string[];
  /** Flags whose value is the next word. */
  readonly valued: readonly string[];
  /** How many words stand before the manager's own, as in `python -m pip`; undefined: the command is not this manager's. */
  lead?(this: void, command: Command): number | undefined;
}

/** One call of a package manager with one of the verbs that were asked for. */
export interface PackageCall {
  readonly command: Command;
  /** All words behind the program, known variables put in where `callsIn` was asked. */
  readonly args: readonly ShellWord[];
  readonly verb: ShellWord;
  readonly flags: readonly CommandFlag[];
  /** After the verb. */
  readonly operands: readonly ShellWord[];
}

export const apt: PackageTool = {
  programs: ["apt-get", "apt", "aptitude"],
  valued: ["-t", "--target-release", "--default-release", "-o", "--option", "-c", "--config-file", "-a"],
};

export const apk: PackageTool = {
  programs: ["apk"],
  valued: [
    ...["-t", "--virtual", "-X", "--repository", "-p", "--root", "--arch", "--wait"],
    ...["--keys-dir", "--repositories-file", "--cache-dir", "--cache-max-age", "--progress-fd"],
  ],
};

const yumValued = [
  ...["-c", "--config", "-d", "-e", "-R", "-x", "--exclude", "--enablerepo", "--disablerepo", "--repo", "--repoid"],
  ...["--installroot", "--releasever", "--setopt", "--disableplugin", "--enableplugin", "--downloaddir", "--forcearch"],
];

export const yum: PackageTool = { programs: ["yum"], valued: yumValued };
export const dnf: PackageTool = { programs: ["dnf", "microdnf", "tdnf", "dnf5"], valued: yumValued };

export const zypper: PackageTool = {
  programs: ["zypper"],
  valued: [
    ...[
      "-R",
      "--root",
      "-c",
      "--config",
      "-C",
      "--cache-dir",
      "-D",
      "--reposd-dir",
      "--releasever",
      "-p",
      "--plus-repo",
    ],
    ...["-r", "--repo", "--from", "-t", "--type", "--plus-content", "--installroot"],
  ],
};

const pythons = ["python", "python3", ...Array.from({ length: 12 }, (_, minor) => `python3.${minor + 5}`)];
const pips = ["pip", "pip2", "pip3", ...Array.from({ length: 12 }, (_, minor) => `pip3.${minor + 5}`)];

/** pip by its own name, as `python -m pip`, and `uv pip`. */
export const pip: PackageTool = {
  programs: [...pips, ...pythons, "uv"],
  valued: [
    ...[
      "-r",
      "--requirement",
      "-c",
      "--constraint",
      "-e",
      "--editable",
      "-t",
      "--target",
      "--prefix",
      "--root",
      "--src",
    ],
    ...[
      "-i",
      "--index-url",
      "--extra-index-url",
      "-f",
      "--find-links",
      "--trusted-host",
      "--proxy",
      "--cert",
      "--client-cert",
    ],
    ...[
      "--platform",
      "--python-version",
      "--implementation",
      "--abi",
      "--python",
      "-p",
      "--no-binary",
      "--only-binary",
    ],
    ...[
      "--upgrade-strategy",
      "--install-option",
      "--global-option",
      "--config-settings",
      "-C",
      "--progress-bar",
      "--log",
    ],
    ...["--retries", "--timeout", "--exists-action", "--cache-dir", "--report", "--group", "--root-user-action"],
    ...["--index", "--default-index", "--index-strategy", "--keyring-provider", "--override", "--overrides"],
    ...["--prerelease", "--resolution", "--exclude-newer", "--link-mode", "-b", "--build", "-P", "--upgrade-package"],
  ],
  lead: ({ name, args }) => {
    if (pips.includes(name)) return 0;
    if (name === "uv") return args[0]?.text === "pip" ? 1 : undefined;
    const at = args.findIndex(({ text }) => text === "-m");
    const isBefore = args.slice(0, at).every(({ text }) => text.startsWith("-"));
    return at >= 0 && isBefore && args[at + 1]?.text === "pip" ? at + 2 : undefined;
  },
};

/** Calls of `tool` with one of these verbs, in order. */
export function packageCalls(
  commands: readonly Command[],
  tool: PackageTool,
  verbs: readonly string[],
): readonly PackageCall[] {
  const calls: PackageCall[] = [];
  for (const command of commands) {
    const call = tool.programs.includes(command.name) ? callOf(command, tool) : undefined;
    if (call && verbs.includes(call.verb.text)) calls.push(call);
  }
  return calls;
}

/** Calls in a RUN of a stage; `$OPTS` is the words of its value, where that is known. */
export function callsIn(
  stage: StageView,
  view: InstructionView,
  tool: PackageTool,
  verbs: readonly string[],
): readonly PackageCall[] {
  return view.commands(...tool.programs).flatMap((command) => {
    const args = knownWords(command.args, stage, view);
    const call = args === command.args ? callOf(command, tool) : readCall(command, tool, args);
    return call && verbs.includes(call.verb.text) ? [call] : [];
  });
}

/** Without quotes a shell makes as many words of a variable as its value has. */
function knownWords(words: readonly ShellWord[], stage: StageView, view: InstructionView): readonly ShellWord[] {
  const { script, instruction } = view;
  if ((script.dialect !== "sh" && script.dialect !== "bash") || !words.some(({ raw }) => whole.test(raw))) return words;
  const variables = stage.variablesAt(instruction);
  return words.flatMap((word) => {
    const [, name] = whole.exec(word.raw) ?? [];
    const value = name !== undefined && !isSetIn(script.text, name) ? variables.get(name)?.value : undefined;
    if (value === undefined) return [word];
    const parts = value.split(/\s+/).filter((text) => text !== "");
    return parts.map((text) => ({ ...placeOf(word), text, raw: text, constant: !/[*?[]/.test(text), quoted: false }));
  });
}

const whole = /^\$(?:\{(?=\w+\}$))?([A-Za-z_]\w*)\}?$/;

function placeOf({ start, end, range }: ShellWord): Pick<ShellWord, "start" | "end" | "range"> {
  return { start, end, range };
}

/** A command is the same object as long as its instruction does not change, and many rules ask about it. */
const known = new WeakMap<Command, { readonly tool: PackageTool; readonly call: PackageCall | undefined }>();

function callOf(command: Command, tool: PackageTool): PackageCall | undefined {
  const kept = known.get(command);
  if (kept?.tool === tool) return kept.call;
  const call = readCall(command, tool);
  known.set(command, { tool, call });
  return call;
}

function readCall(command: Command, tool: PackageTool, args = command.args): PackageCall | undefined {
  const lead = tool.lead ? tool.lead(command) : 0;
  if (lead === undefined) return undefined;
  const {
    flags,
    operands: [verb, ...operands],
  } = flagsOf({ args: lead === 0 ? args : args.slice(lead) }, tool);
  return verb && { command, args, verb, flags, operands };
}

/** From a program to its verb: `sudo apt-get -q install curl`. */
export function wordsOf({ program }: Command, verb: ShellWord): Range {
  return { start: program.range.start, end: verb.range.end };
}

/** `words` put behind a word, also where the words are elements of a JSON array. */
export function addWord({ script }: InstructionView, word: ShellWord, text: string): TextEdit {
  const at = { start: word.range.end, end: word.range.end };
  return replace(at, script.dialect === "exec" ? `, ${JSON.stringify(text)}` : ` ${text}`);
}

/** Packages of a call without a version. Words that hold a variable may have one: nothing is said of them. */
export function* unpinned(
  calls: readonly PackageCall[],
  isPinned: (word: string, call: PackageCall) => boolean,
): Iterable<Report> {
  for (const call of calls) {
    const loose = call.operands.filter(({ constant, text }) => constant && !isPinned(text, call));
    const [first] = loose;
    if (first) yield { range: first.range, message: pinMessage(loose) };
  }
}

function pinMessage(loose: readonly ShellWord[]): Message {
  const texts = loose.map(({ text }) => text);
  const [packages] = texts;
  const more = texts.length - 1;
  if (more > 0 && packages) {
    return msg("{packages} and {more} more have no version: each build takes the newest one", { packages, more });
  }
  return msg("{packages} has no version: each build takes the newest one", { packages: packages ?? "" });
}

export function pinSummary(tool: string): Message {
  return msg("Packages without a version: {tool} takes the newest one of the day", { tool });
}

export function pinWhy(example: string): Message {
  return msg("The same Dockerfile makes another image tomorrow. Where the version matters, name it: {example}", {
    example,
  });
}

/** Calls that would wait for an answer. `piped`: something before a pipe answers. */
export function* unanswered(
  calls: readonly PackageCall[],
  isAnswered: (call: PackageCall) => boolean,
  fix: (call: PackageCall) => TextEdit,
  flag: string,
): Iterable<Report> {
  for (const call of calls) {
    const { command, verb } = call;
    if (isAnswered(call) || /^\|/.test(command.before) || command.redirects.some(readsInput)) continue;
    const edit = fix(call);
    const range = wordsOf(command, verb);
    yield {
      range,
      message: msg("{command} asks before it goes on, and nobody answers in a build: {flag} is missing", {
        command: `${command.name} ${verb.text}`,
        flag,
      }),
      fix: { title: msg("Add {flag}", { flag }), edits: [edit] },
    };
  }
}

/** dnf's and yum's calls in a stage that ask and get no answer. */
export function* unansweredRpm(stage: StageView, tool: PackageTool, asking: readonly string[]): Iterable<Report> {
  const isAnswered = (call: PackageCall) => said(call, ...rpmYes) || mentions(call, /assumeyes/);
  for (const view of stage.only("RUN"))
    yield* unanswered(callsIn(stage, view, tool, asking), isAnswered, ({ verb }) => addWord(view, verb, "-y"), "-y");
}

const rpmYes = ["-y", "--assumeyes", "--yes", "--nointeractive", "--assumeno"];

function readsInput({ operator }: { readonly operator: string }): boolean {
  return operator.startsWith("<");
}

export function yesSummary(tool: string, flag: string): Message {
  return msg("{tool} without {flag} waits for an answer that nobody gives", { tool, flag });
}

export function yesWhy(): Message {
  return msg("A build has no keyboard: the package manager takes silence for No and the step fails.");
}

/** Is one of these in the call's flags, `-y` also in `-qy`? */
export function said({ args }: PackageCall, ...names: readonly string[]): boolean {
  return hasFlag({ args }, ...names);
}

/** Is this among the call's words, as in `--setopt=assumeyes=1`? */
export function mentions({ args }: PackageCall, pattern: RegExp): boolean {
  return args.some(({ text }) => pattern.test(text));
}

/** A version of an rpm: behind the last dashes of the name, `curl-8.6.0`, `vim-2:9.1-3.el9`. */
export function isRpmPinned(word: string): boolean {
  if (word.startsWith("@") || word.endsWith(".rpm") || /^(?:\.{0,2}\/|https?:)/.test(word)) return true;
  // Repositories of a distribution have one package for each release.
  return /-\d[\w.:+~^]*(?:-\d[\w.+~^]*)?$/.test(word) || /-release(?:-latest-\d+)?$/.test(word);
}
