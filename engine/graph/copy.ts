import { findHeredocs } from "../dockerfile/heredoc.ts";
import type { Flag, Instruction } from "../dockerfile/model.ts";
import { splitAtBlanks } from "../dockerfile/words.ts";
import type { CopyFrom, InlineFile } from "./graph.ts";
import { destinationPath, sourcePath } from "./paths.ts";
import { placeOf, type Step } from "./plan.ts";
import * as problem from "./problems.ts";
import type { StageState } from "./stage-state.ts";

/** One word of COPY or ADD: a path, or a file written in the Dockerfile. */
type Piece =
  | { readonly kind: "path"; readonly text: string; readonly range: ReturnType<typeof placeOf> }
  | { readonly kind: "file"; readonly file: InlineFile };

/** COPY, and ADD of plain local files; `from` is where COPY --from points. */
export function copyFiles(state: StageState, step: Step, from: CopyFrom): void {
  const { instruction } = step;
  const isAdd = instruction.keyword === "ADD";
  const pieces = readPieces(state, step);
  const target = pieces.pop();
  if (target?.kind !== "path") return;
  const parents = isTrue(instruction, "parents");
  const paths = pieces.flatMap((piece) => (piece.kind === "path" ? [piece] : []));
  const inline = pieces.flatMap((piece) => (piece.kind === "file" ? [piece.file] : []));
  const mayUnpack = isAdd && !isFalse(instruction, "unpack");
  if (isAdd && !checkAdd(state, step, paths, mayUnpack)) return;

  const chown = flagText(state, step, "chown");
  const chmod = flagText(state, step, "chmod");
  if (
    chmod &&
    !/^(?:[0-7]{1,4}|[ugoa]*[-+=][rwxXstugo]*(?:[-+=][rwxXstugo]*)*(?:,[ugoa]*[-+=][rwxXstugo]*)*)$/.test(chmod)
  ) {
    state.report(problem.badMode(flagPlace(step, "chmod"), chmod));
  }
  // The history names what was copied, but neither where from nor what only steers the copying.
  const shown = [
    instruction.keyword,
    ...(parents ? ["--parents"] : []),
    ...(chown ? [`--chown=${chown}`] : []),
    ...(chmod ? [`--chmod=${chmod}`] : []),
    ...pieces.map((piece) => (piece.kind === "path" ? piece.text : `<<${piece.file.name}`)),
    target.text,
    "# buildkit",
  ];
  state.commitLayer(
    {
      kind: "copy",
      parent: state.vertex,
      from,
      sources: paths.map(({ text }) => sourcePath(text, parents)),
      inline,
      destination: destinationPath(state.config.workingDir, target.text),
      ...(chown ? { chown } : {}),
      ...(chmod ? { chmod } : {}),
      // The reference ignores --link beside --chmod.
      link: isTrue(instruction, "link") && !chmod,
      parents,
      excludes: instruction.flags.flatMap(({ name, value }) => (name === "exclude" && value ? [value] : [])),
      ...(mayUnpack ? { refuseArchives: true } : {}),
    },
    step,
    shown.join(" "),
  );
}

function readPieces(state: StageState, step: Step): Piece[] {
  const { json, rest, heredocs } = step.instruction;
  if (json !== undefined) return json.flatMap(({ value, range }) => path(state, value, step.at ?? range));
  const opened = heredocs.length > 0 ? findHeredocs(rest.text) : [];
  const pieces: Piece[] = [];
  for (const { start, end } of splitAtBlanks(rest.text)) {
    const index = opened.findIndex((heredoc) => start >= heredoc.start && end <= heredoc.end);
    const heredoc = heredocs[index];
    if (heredoc === undefined) {
      pieces.push(...path(state, rest.text.slice(start, end), placeOf(step, start, end)));
    } else if (start === opened[index]?.start) {
      const { delimiter: name, content, contentRange } = heredoc;
      if (!isFileName(name)) state.report(problem.heredocName(placeOf(step, start, end), name));
      const body = heredoc.expand ? state.expandBody(content, step.at ?? contentRange) : content;
      pieces.push({ kind: "file", file: { name, content: body ?? "" } });
    }
  }
  return pieces;
}

/** The delimiter becomes the name of a file: it must not lead anywhere else. */
export function isFileName(name: string): boolean {
  return name !== "." && name !== ".." && !/[/\0]/.test(name);
}

function path(state: StageState, written: string, range: ReturnType<typeof placeOf>): Piece[] {
  const text = state.expand(written, range);
  return text === undefined ? [] : [{ kind: "path", text, range }];
}

/** What ADD does beyond COPY is not built in; it must be said, never done half. */
function checkAdd(
  state: StageState,
  step: Step,
  paths: readonly (Piece & { readonly kind: "path" })[],
  mayUnpack: boolean,
): boolean {
  let isPlain = true;
  const refuse = (found: ReturnType<typeof problem.addRemote>) => {
    state.report(found);
    isPlain = false;
  };
  for (const { text, range } of paths) {
    if (/^(?:https?|ftp|git|ssh):\/\/|^git@|^(?:github|gitlab)\.com\//.test(text))
      refuse(problem.addRemote(range, text));
    else if (mayUnpack && /\.(?:tar|tgz|tbz2?|txz|tzst|tar\.(?:gz|bz2|xz|zst|zstd))$/i.test(text)) {
      refuse(problem.addArchive(range, text));
    }
  }
  if (isPlain && step.instruction.flags.some(({ name }) => name === "checksum")) {
    refuse(problem.checksumOfLocal(flagPlace(step, "checksum")));
  }
  return isPlain;
}

function flagText(state: StageState, step: Step, name: string): string | undefined {
  const flag = flagOf(step.instruction, name);
  return flag?.value === undefined ? undefined : state.expand(flag.value, flagPlace(step, name));
}

function flagPlace(step: Step, name: string): ReturnType<typeof placeOf> {
  const flag = flagOf(step.instruction, name);
  return step.at ?? flag?.valueRange ?? flag?.range ?? step.instruction.range;
}

function flagOf({ flags }: Instruction, name: string): Flag | undefined {
  return flags.find((flag) => flag.name === name);
}

function isTrue(instruction: Instruction, name: string): boolean {
  const flag = flagOf(instruction, name);
  return flag !== undefined && flag.value?.toLowerCase() !== "false";
}

function isFalse(instruction: Instruction, name: string): boolean {
  return flagOf(instruction, name)?.value?.toLowerCase() === "false";
}
