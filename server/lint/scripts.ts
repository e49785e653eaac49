import type { Command, Script, ShellWord } from "../shell/model.ts";
import { replace } from "./fixes.ts";
import { rootBase } from "./known-bases.ts";
import type { TextEdit } from "./rule.ts";
import type { BaseView, StageView } from "./views.ts";

/** Words can be put in or taken away as they are: no quotes of another command or of a JSON list around them. */
export function isEditable({ inJson, dialect }: Script, { nested }: Pick<Command, "nested">): boolean {
  return !nested && !inJson && (dialect === "sh" || dialect === "bash");
}

/** Puts ` text` behind a word. */
export function insertAfter({ range: { end } }: Pick<ShellWord, "range">, text: string): TextEdit {
  return replace({ start: end, end }, ` ${text}`);
}

/** Puts a line on top of a heredoc's body, below its `#!` and indented like what is there. */
export function insertLineOnTop({ text, rangeOf }: Pick<Script, "text" | "rangeOf">, line: string): TextEdit {
  const at = /^#!.*\n/.exec(text)?.[0].length ?? 0;
  const { start } = rangeOf(at, at + 1);
  const blanks = /^[ \t]*/.exec(text.slice(at))?.[0] ?? "";
  // `<<-` takes the tabs before a line away: the text does not have them.
  return replace({ start, end: start }, `${blanks}${line}\n${"\t".repeat(start.character)}`);
}

/** The command that the script ends with, when the shell itself runs it: not in a subshell, a branch, behind a pipe or `||`. */
export function lastCommand({ commands, text, dialect }: Script): Command | undefined {
  const last = commands.findLast(({ nested, context }) => !nested && context !== "substitution");
  if (!last || dialect === "exec" || last.context !== "top" || !/^(?:|&&|;|\n)$/.test(last.before)) return undefined;
  return /^[\s;&]*$/.test(text.slice(last.wholeEnd)) ? last : undefined;
}

/** The command before `command` where both are run one after the other, `a && b`. */
export function commandBefore({ commands }: Script, command: Command): Command | undefined {
  const previous = commands.findLast(({ start, context }) => start < command.start && context === "top");
  return previous?.after === "&&" ? previous : undefined;
}

/** What `/bin/sh` of a stage's base image is, where the image's name tells. */
export function systemShell(view: StageView): SystemShell {
  const base = rootBase(view);
  if (!known.has(base)) known.set(base, shellOf(base));
  return known.get(base);
}

export type SystemShell = "dash" | "ash" | "bash" | undefined;

const known = new WeakMap<BaseView, SystemShell>();

function shellOf({ repository, tag = "" }: BaseView): SystemShell {
  if (repository === undefined) return undefined;
  const image = `${repository}:${tag}`;
  if (/alpine|busybox/.test(image)) return "ash";
  if (bashImage.test(image)) return "bash";
  return (dashImage.test(repository) || dashTag.test(tag)) && !/windows|nanoserver/.test(tag) ? "dash" : undefined;
}

/** Red Hat's and SUSE's families, Arch, Amazon: `sh` is bash there. */
const bashImage =
  /fedora|centos|rocky|alma|amazonlinux|oracle|\bubi\d|rhel|opensuse|suse\/|archlinux|azurelinux|mariner|corretto|graalvm|\bol\d|\bel\d|\bal20|^(?:library\/)?mysql:/;
const dashImage =
  /^(?:library\/)?(?:debian|ubuntu|buildpack-deps|node|python|golang|ruby|php|rust|perl|gcc|nginx|httpd|postgres|redis|mongo|mariadb|eclipse-temurin|maven|gradle|tomcat|wordpress|elixir|erlang|haskell|julia|r-base|rocker\/.*)$|^dotnet\/(?:sdk|aspnet|runtime)$/;
/** Releases of Debian and Ubuntu. */
const dashTag = /\b(?:buster|bullseye|bookworm|trixie|forky|bionic|focal|jammy|noble|resolute)\b/;
