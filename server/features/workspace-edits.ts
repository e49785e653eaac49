import { pathToFileURL } from "node:url";
import { type ClientCapabilities, CreateFile, type TextDocumentEdit, type WorkspaceEdit } from "vscode-languageserver";
import type { Position } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";
import type { Fix } from "../lint/rule.ts";
import type { ProjectView } from "../lint/views.ts";

/** What a client can do with an edit. */
export interface EditAbilities {
  /** It checks the version: an edit for another text than the one that was looked at is refused. */
  readonly versions: boolean;
  readonly createsFiles: boolean;
}

export function editAbilities({ workspace }: ClientCapabilities): EditAbilities {
  const { documentChanges, resourceOperations } = workspace?.workspaceEdit ?? {};
  return { versions: documentChanges === true, createsFiles: resourceOperations?.includes("create") ?? false };
}

/** Undefined when the client cannot make the files that the fix needs, or when they are there already. */
export function workspaceEdit(
  { uri, version }: Pick<Analysis, "uri" | "version">,
  { edits, files = [] }: Pick<Fix, "edits" | "files">,
  project: ProjectView | undefined,
  { versions, createsFiles }: EditAbilities,
): WorkspaceEdit | undefined {
  const own = edits.map(({ range, newText }) => ({ range, newText }));
  if (files.length === 0 && !versions) return { changes: { [uri]: own } };
  if (files.length > 0 && !(versions && createsFiles)) return undefined;
  const others = files.map((file) => fileEdits(uri, file, project));
  if (others.some((one) => one === undefined)) return undefined;
  const self: TextDocumentEdit = { textDocument: { uri, version }, edits: own };
  return { documentChanges: [...others.flatMap((one) => one ?? []), ...(own.length > 0 ? [self] : [])] };
}

type FixFile = NonNullable<Fix["files"]>[number];

function fileEdits(
  uri: string,
  { name, append, text }: FixFile,
  project: ProjectView | undefined,
): readonly (CreateFile | TextDocumentEdit)[] | undefined {
  const folder =
    project?.folder === undefined ? uri.slice(0, uri.lastIndexOf("/")) : pathToFileURL(project.folder).href;
  const target = `${folder}/${name.split("/").map(encodeURIComponent).join("/")}`;
  const before = project?.ignore?.name === name ? project.ignore.text : project?.text(name);
  if (before !== undefined && !append) return undefined;
  const at = endOf(before ?? "");
  const newText = at.character > 0 ? `\n${text}` : text;
  const edit = { textDocument: { uri: target, version: null }, edits: [{ range: { start: at, end: at }, newText }] };
  return before === undefined ? [CreateFile.create(target, { ignoreIfExists: true }), edit] : [edit];
}

function endOf(text: string): Position {
  const lines = text.split("\n");
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
}
