import type { Instruction } from "../../engine/dockerfile/model.ts";
import type { Command, Script } from "../shell/model.ts";
import { type Install, installOf, mayInstall } from "./package-managers.ts";
import type { RuleOptions } from "./rule.ts";
import type { ShellInEffect } from "./shell-in-effect.ts";
import type { InstructionView, MountFlag } from "./views.ts";

/** What an instruction's view needs from its surroundings. */
export interface Surroundings {
  readonly escape: "\\" | "`";
  readonly options: RuleOptions;
  scriptOf(instruction: Instruction, shell: ShellInEffect): Script;
}

/** What belongs to an instruction alone. Each answer is worked out when it is first asked for. */
export class LazyInstructionView implements InstructionView {
  readonly instruction: Instruction;
  readonly shell: ShellInEffect;
  declare readonly onbuild?: Instruction;
  readonly #around: Surroundings;
  #script: Script | undefined;
  #installs: readonly { readonly command: Command; readonly install: Install }[] | undefined;
  #mounts: readonly MountFlag[] | undefined;

  constructor(instruction: Instruction, shell: ShellInEffect, around: Surroundings, onbuild?: Instruction) {
    this.instruction = instruction;
    this.shell = shell;
    this.#around = around;
    if (onbuild) this.onbuild = onbuild;
  }

  get keyword(): string {
    return this.instruction.keyword;
  }

  get escape(): "\\" | "`" {
    return this.#around.escape;
  }

  get options(): RuleOptions {
    return this.#around.options;
  }

  get script(): Script {
    this.#script ??= this.#around.scriptOf(this.instruction, this.shell);
    return this.#script;
  }

  commands(...names: readonly string[]): readonly Command[] {
    // Asked by every rule about every RUN: no list is made where there is none.
    const { commands } = this.script;
    const first = commands.findIndex(({ name }) => names.includes(name));
    return first < 0 ? nothing : commands.filter(({ name }, at) => at >= first && names.includes(name));
  }

  get installs(): readonly { readonly command: Command; readonly install: Install }[] {
    this.#installs ??= this.script.commands.flatMap((command) => {
      if (!mayInstall(command.name)) return [];
      const install = installOf([command.name, ...command.args.map(({ text }) => text)]);
      return install ? [{ command, install }] : [];
    });
    return this.#installs;
  }

  get mounts(): readonly MountFlag[] {
    this.#mounts ??= this.keyword === "RUN" ? this.instruction.flags.flatMap(readMount) : [];
    return this.#mounts;
  }
}

const nothing: readonly never[] = [];

const targetNames = ["target", "dst", "destination"];
const sourceNames = ["source", "src"];

function readMount({ name, value }: Instruction["flags"][number]): readonly MountFlag[] {
  if (name !== "mount" || value === undefined) return [];
  const fields = new Map<string, string>();
  for (const field of value.split(",")) {
    const equals = field.indexOf("=");
    const key = (equals < 0 ? field : field.slice(0, equals)).trim().toLowerCase();
    if (key) fields.set(key, equals < 0 ? "" : field.slice(equals + 1));
  }
  const first = (names: readonly string[]) => names.map((one) => fields.get(one)).find((one) => one !== undefined);
  const target = first(targetNames);
  const source = first(sourceNames);
  const id = fields.get("id");
  const from = fields.get("from");
  return [
    {
      type: fields.get("type") ?? "bind",
      fields,
      ...(target !== undefined && { target }),
      ...(source !== undefined && { source }),
      ...(id !== undefined && { id }),
      ...(from !== undefined && { from }),
    },
  ];
}
