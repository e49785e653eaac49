import type { CodeLens } from "vscode-languageserver";
import { type Message, msg } from "../../engine/base/message.ts";
import type { Analysis } from "../analysis.ts";

/** What the commands of the client get: the file, and a stage as `--target` names it. */
interface StageArguments {
  readonly uri: string;
  /** Absent: the whole file. */
  readonly target?: string;
}

/** Commands of the client. */
export interface LensCommands {
  readonly build: string;
  /** Without a name for the image. */
  readonly buildToHere: string;
  readonly run: string;
}

/** Above each FROM: build up to its stage, run what comes of it, build it under a name. */
export function codeLenses(
  { uri, dockerfile: { stages } }: Analysis,
  commands: LensCommands,
  translate: (message: Message) => string,
): CodeLens[] {
  const last = stages.length - 1;
  const names = new Map(stages.map(({ name, index }) => [name?.text.toLowerCase(), index]));
  return stages.flatMap(({ index, name, from }) => {
    const range = from.keywordWord.range;
    // Of two stages with one name the builder takes the later one.
    const isNamed = name !== undefined && names.get(name.text.toLowerCase()) === index;
    const target = isNamed ? name.text : String(index);
    const stage: StageArguments = index === last ? { uri } : { uri, target };
    const lens = (title: Message, command: string): CodeLens => ({
      range,
      command: { title: translate(title), command, arguments: [stage] },
    });
    const run = lens(msg("Run"), commands.run);
    if (index === last) return [lens(msg("Build image"), commands.build), run];
    const here = lens(msg("Build to here"), commands.buildToHere);
    return isNamed ? [here, run, lens(msg("Build target {name}", { name: name.text }), commands.build)] : [here, run];
  });
}

/** What a client says of its commands; undefined unless it has all of them. */
export function lensCommands(value: unknown): LensCommands | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { build, buildToHere, run } = value as Partial<Record<keyof LensCommands, unknown>>;
  if (typeof build !== "string" || typeof buildToHere !== "string" || typeof run !== "string") return undefined;
  return { build, buildToHere, run };
}
