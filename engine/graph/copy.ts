import { findHeredocs } from "../dockerfile/heredoc.ts";
import type { Flag, Instruction } from "../dockerfile/model.ts";
import { splitAtBlanks } from "../dockerfile/words.ts";
import { isChecksum, isCommitPrefix, readAddress } from "./add.ts";
import type { CopyFrom, CopyOp, InlineFile, RemoteSource } from "./graph.ts";
import { destinationPath, sourcePath } from "./paths.ts";
import { placeOf, type Step } from "./plan.ts";
import * as problem from "./problems.ts";
import type { StageState } from "./stage-state.ts";

/** One word of COPY or ADD: a path, or a file written in the Dockerfile. */
type Piece =
  | { readonly kind: "path"; readonly text: string; readonly range: ReturnType<typeof placeOf> }
  | { readonly kind: "file"; readonly file: InlineFile };

/** COPY and ADD; `from` is where COPY --from points. */
export function copyFiles(state: StageState, step: Step, from: CopyFrom): void {
  const { instruction } = step;
  const isAdd = instruction.keyword === "ADD";
  const pieces = readPieces(state, step);
  const target = pieces.pop();
  if (target?.kind !== "path") return;
  const parents = isTrue(instruction, "parents");
  const paths = pieces.flatMap((piece) => (piece.kind === "path" ? [piece] : []));
  const inline = pieces.flatMap((piece) => (piece.kind === "file" ? [piece.file] : []));
  const added = isAdd ? readAdd(state, step, paths) : { local: paths };

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
      sources: added.local.map(({ text }) => sourcePath(text, parents)),
      inline,
      destination: destinationPath(state.config.workingDir, target.text),
      ...(chown ? { chown } : {}),
      ...(chmod ? { chmod } : {}),
      // The reference ignores --link beside --chmod.
      link: isTrue(instruction, "link") && !chmod,
      parents,
      excludes: instruction.flags.flatMap(({ name, value }) => (name === "exclude" && value ? [value] : [])),
      ...("remotes" in added && added.remotes.length > 0 ? { remotes: added.remotes } : {}),
      ...("unpack" in added && added.unpack !== undefined ? { unpack: added.unpack } : {}),
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

type PathPiece = Piece & { readonly kind: "path" };

/** What ADD does beyond COPY: addresses are fetched, local archives unpacked. */
function readAdd(
  state: StageState,
  step: Step,
  paths: readonly PathPiece[],
): { local: readonly PathPiece[]; remotes: readonly RemoteSource[]; unpack: CopyOp["unpack"] } {
  const { instruction } = step;
  const checksum = flagText(state, step, "checksum");
  const local: PathPiece[] = [];
  const remotes: RemoteSource[] = [];
  for (const piece of paths) {
    const remote = readAddress(piece.text);
    if (remote === undefined) local.push(piece);
    else if (remote === "bad") state.report(problem.badAddress(piece.range, piece.text));
    else remotes.push(withFlags(remote, checksum, isTrue(instruction, "keep-git-dir")));
  }
  if (checksum) {
    const [only] = remotes;
    if (local.length > 0 || remotes.length !== 1 || only === undefined) {
      state.report(problem.checksumOfLocal(flagPlace(step, "checksum")));
    } else if (!(only.kind === "url" ? isChecksum(checksum) : isCommitPrefix(checksum))) {
      state.report(problem.badChecksum(flagPlace(step, "checksum"), checksum));
    }
  }
  const unpack = isFalse(instruction, "unpack") ? undefined : isTrue(instruction, "unpack") ? "all" : "local";
  return { local, remotes, unpack };
}

function withFlags(remote: RemoteSource, checksum: string | undefined, keepGitDir: boolean): RemoteSource {
  const checked = checksum ? { ...remote, checksum } : remote;
  return checked.kind === "git" && keepGitDir ? { ...checked, keepGitDir } : checked;
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
