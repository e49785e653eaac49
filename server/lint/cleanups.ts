import { type Message, msg } from "../../engine/base/message.ts";
import { hasFlag } from "../shell/arguments.ts";
import type { Command } from "../shell/model.ts";
import { replace } from "./fixes.ts";
import { type PackageCall, type PackageTool, packageCalls, wordsOf } from "./packages.ts";
import type { Report, TextEdit } from "./rule.ts";
import type { InstructionView, StageView } from "./views.ts";

/** Its files end up in an image that is kept, as far as one stage can tell: the last one, or one that others are built on. */
export function isShipped({ isLast, isBase }: StageView): boolean {
  return isLast || isBase;
}

/** A mount whose files stay out of the layer lies on this folder, or above it. */
export function hasMountOn({ mounts }: InstructionView, folder: string): boolean {
  return mounts.some(({ type, target }) => (type === "cache" || type === "tmpfs") && covers(target ?? "", folder));
}

/** Does deleting or mounting `path` take care of `folder`? `/var/lib/apt/lists/*`, `/var/lib/apt`, also in braces. */
export function covers(path: string, folder: string): boolean {
  const brace = path.indexOf("{");
  if (brace >= 0) return folder.startsWith(path.slice(0, brace)) && brace > 1;
  const clean = path.replace(/(?:\/+|\/\*+(?:\.\*)?)+$/, "");
  return clean !== "" && (folder === clean || folder.startsWith(`${clean}/`) || clean.startsWith(`${folder}/`));
}

/** Does `rm -r` (or `find … -delete`) empty one of these folders, after `command` or in a function? */
export function isRemovedAfter({ script }: InstructionView, command: Command, folders: readonly string[]): boolean {
  return script.commands.some((one) => {
    if (one.start < command.start && one.context !== "function") return false;
    // All lists of apt have a `_` in their names, its folders have none: `rm -f /var/lib/apt/lists/*_*` is enough.
    const isDeleted =
      hasFlag(one, "-r", "-R", "--recursive") || one.args.some(({ text }) => text.endsWith("/lists/*_*"));
    const deletes = one.name === "rm" ? isDeleted : one.name === "find";
    if (!deletes || (one.name === "find" && !/\s-(?:delete|exec)\b/.test(one.text))) return false;
    return one.args.some(({ text }) => folders.some((folder) => covers(text, folder)));
  });
}

/** Is one of these commands (`dnf clean all`) said after `command`? */
export function isSaidAfter({ script }: InstructionView, command: Command, said: RegExp): boolean {
  return script.commands.some(
    (one) =>
      (one.start > command.start || one.context === "function") &&
      said.test([one.name, ...one.args.map(({ text }) => text)].join(" ")),
  );
}

/**
 * Puts a command behind `command`, as the lines around it are written. Undefined where another command is not simply one
 * more: in a branch, before a pipe, in quotes.
 */
export function appendCommand(
  { script, escape: continued }: InstructionView,
  command: Command,
  text: string,
): TextEdit | undefined {
  const { after, context, wholeEnd, wholeStart, nested } = command;
  if (script.dialect === "exec" || context !== "top" || nested || !/^(?:|&&|;|\n)$/.test(after)) return undefined;
  const whole = command.wrappers.some(({ name }) => name === "sudo") ? `sudo ${text}` : text;
  const end = script.rangeOf(wholeEnd, wholeEnd).start;
  const at = { start: end, end };
  if (command.before === "\n" || after === "\n") return replace(at, ` && ${whole}`);
  const place = script.commands.indexOf(command);
  const previous = script.commands[place - 1];
  if (!previous || !/^(?:&&|;)$/.test(command.before)) return replace(at, ` && ${whole}`);
  const between = script.text.slice(previous.wholeEnd, wholeStart);
  const operator = previous.wholeEnd + between.indexOf(command.before);
  const [last, own] = [script.rangeOf(previous.wholeEnd, previous.wholeEnd), script.rangeOf(wholeStart, wholeStart)];
  if (last.start.line === own.start.line) return replace(at, ` && ${whole}`);
  // The blanks of its own line: those of the line before were joined in front of them.
  const blank = (to: number) => {
    const { character } = script.rangeOf(to, to).start;
    return /[ \t]*$/.exec(script.text.slice(Math.max(0, to - character), to))?.[0] ?? "";
  };
  const isTrailing = script.rangeOf(operator, operator).start.line === last.start.line;
  if (!isTrailing) return replace(at, ` ${continued}\n${blank(operator)}${command.before} ${whole}`);
  const joint = command.before === ";" ? ";" : " &&";
  return replace(at, `${joint} ${continued}\n${blank(wholeStart)}${whole}`);
}

/** Place of the last RUN that takes from a manager's cache what those before it downloaded: `yarn install --offline`. */
export function lastUse(stage: StageView, programs: readonly string[], ...flags: readonly string[]): number {
  const last = stage.commands(...programs).findLast(({ command }) => hasFlag(command, ...flags));
  return last ? stage.only("RUN").indexOf(last.view) : -1;
}

/** The calls' last one, when nothing after it cleans up. */
export interface Leftovers {
  readonly view: InstructionView;
  readonly calls: readonly PackageCall[];
  /** What the cleanup goes behind; default: the last of the calls. `"nothing"`: later steps may need what it deletes. */
  readonly behind?: Command | "nothing";
  readonly folders: readonly string[];
  /** Commands that clean up too, as text: `dnf clean all`. */
  readonly said: RegExp;
  readonly cleanup: string;
}

/** One report at the last of the calls, when what it leaves behind goes into the layer. */
export function* leftovers({ view, calls, behind, folders, said, cleanup }: Leftovers): Iterable<Report> {
  const last = calls.at(-1);
  if (!last || folders.some((folder) => hasMountOn(view, folder))) return;
  const { command, verb } = last;
  if (isSaidAfter(view, command, said) || isRemovedAfter(view, command, folders)) return;
  const edit = behind === "nothing" ? undefined : appendCommand(view, behind ?? command, cleanup);
  yield {
    range: wordsOf(command, verb),
    message: msg("What {command} downloads stays in this layer: clean up in the same RUN with {cleanup}", {
      command: `${command.name} ${verb.text}`,
      cleanup,
    }),
    ...(edit && { fix: { title: msg("Add {command}", { command: cleanup }), edits: [edit] } }),
  };
}

/** What dnf and yum leave behind in a stage; where a later step installs from the cache alone there is no fix. */
export function* rpmLeftovers(
  stage: StageView,
  tool: PackageTool,
  { verbs, folders }: { readonly verbs: readonly string[]; readonly folders: readonly string[] },
): Iterable<Report> {
  if (!isShipped(stage)) return;
  const cacheOnly = lastUse(stage, tool.programs, "-C", "--cacheonly");
  for (const [at, view] of stage.only("RUN").entries()) {
    const calls = packageCalls(view.commands(...tool.programs), tool, verbs);
    const behind = at < cacheOnly && ({ behind: "nothing" } as const);
    const cleanup = `${calls.at(-1)?.command.name} clean all`;
    yield* leftovers({ view, calls, ...behind, folders, said: rpmClean, cleanup });
  }
}

const rpmClean = /^(?:yum|dnf5?|microdnf|tdnf) (?:-\S+ )*clean all/;

export function cleanSummary(tool: string): Message {
  return msg("What {tool} downloaded stays in the image", { tool });
}

export function cleanWhy(): Message {
  return msg(
    "A layer keeps every file that is there when its RUN ends; deleting it in a later RUN frees nothing. Clean up in the same RUN, or put the cache outside the image with RUN --mount=type=cache.",
  );
}
