import type { Dockerfile, Instruction } from "../../engine/dockerfile/model.ts";
import { shellComment } from "./suppressions.ts";
import type { BaseView } from "./views.ts";

/** SHELL as it holds for an instruction. One object for one list of words, so that it can be compared. */
export interface ShellInEffect {
  readonly words: readonly string[];
  /** Nobody wrote SHELL. */
  readonly isDefault: boolean;
}

export const linuxShell: ShellInEffect = { words: ["/bin/sh", "-c"], isDefault: true };
const windows: ShellInEffect = { words: ["cmd", "/S", "/C"], isDefault: true };

const known = new Map<string, ShellInEffect>();
const mostKnown = 500;

/** The shell after `instruction`, when `before` held above it. A SHELL that the builder refuses changes nothing. */
export function shellAfter(instruction: Instruction, before: ShellInEffect): ShellInEffect {
  if (instruction.keyword !== "SHELL" || !instruction.json?.length) return before;
  return shellOf(instruction.json.map(({ value }) => value));
}

/** The shell that a comment (`# hadolint shell=bash`) names for this instruction. */
export function commentedShell(dockerfile: Dockerfile, { range }: Instruction): ShellInEffect | undefined {
  const name = shellComment(dockerfile, range.start.line);
  return name === undefined ? undefined : shellOf([name, "-c"]);
}

function shellOf(words: readonly string[]): ShellInEffect {
  const key = words.join("\0");
  const shell = known.get(key) ?? { words, isDefault: false };
  if (known.size >= mostKnown) known.clear();
  known.set(key, shell);
  return shell;
}

/** The shell of an image that is not ours: cmd where the image's name says Windows. */
export function shellOfImage(base: BaseView, from: Instruction): ShellInEffect {
  const shell = ofImages.get(base) ?? readShellOf(base, from);
  ofImages.set(base, shell);
  return shell;
}

/** A base without variables is the same object as long as its FROM is the same. */
const ofImages = new WeakMap<BaseView, ShellInEffect>();

function readShellOf(base: BaseView, from: Instruction): ShellInEffect {
  const platform = from.flags.find(({ name }) => name === "platform")?.value ?? "";
  const name = base.resolved ?? base.text;
  const isWindows = /^windows\b/i.test(platform) || /windows|nanoserver|servercore/i.test(name);
  return isWindows ? windows : linuxShell;
}
