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
  /** Goes through the build step by step. */
  readonly debug: string;
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
    const stage: StageArguments = index === last || name === undefined ? { uri } : { uri, target: name.text };
    const lens = (title: Message, command: string): CodeLens => ({
      range: from.keywordWord.range,
      command: { title: translate(title), command, arguments: [stage] },
    });
    const run = lens(msg("Run"), commands.run);
    const debug = lens(msg("Debug"), commands.debug);
    if (index === last) return [lens(msg("Build image"), commands.build), run, debug];
    // A builder finds stages by name only, and of two with one name the later.
    if (name === undefined || names.get(name.text.toLowerCase()) !== index) return [];
    return [
      lens(msg("Build to here"), commands.buildToHere),
      run,
      debug,
      lens(msg("Build target {name}", { name: name.text }), commands.build),
    ];
  });
}

/** What a client says of its commands; undefined unless it has all of them. */
export function lensCommands(value: unknown): LensCommands | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { build, buildToHere, run, debug } = value as Partial<Record<keyof LensCommands, unknown>>;
  if (typeof build !== "string" || typeof buildToHere !== "string") return undefined;
  if (typeof run !== "string" || typeof debug !== "string") return undefined;
  return { build, buildToHere, run, debug };
}
