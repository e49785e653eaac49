import type { CodeAction, CodeLens, CompletionItem, Diagnostic, Hover, Location } from "vscode-languageserver";
import type { Position, Range } from "../engine/base/ranges.ts";
import { isIgnoreFileName } from "./ignore/files.ts";

/** What a document beside the Dockerfiles answers: an ignore file, a Compose or a Bake file. */
export interface Companion {
  diagnostics(): Diagnostic[];
  completion?(position: Position): CompletionItem[];
  hover?(position: Position): Promise<Hover | null> | Hover | null;
  definition?(position: Position): Location | null;
  references?(position: Position, withDefinition: boolean): Location[];
  codeActions?(range: Range): CodeAction[];
  codeLenses?(): Promise<CodeLens[]>;
}

/** Which kind of file a document is. */
export type DocumentKind = "dockerfile" | "dockerignore" | "compose" | "bake";

export function kindOf(uri: string, languageId: string): DocumentKind {
  const name = decodeURIComponent(uri.slice(uri.lastIndexOf("/") + 1)).toLowerCase();
  // Editors take Dockerfile.dockerignore for a Dockerfile.
  if (languageId === "dockerignore" || isIgnoreFileName(name)) return "dockerignore";
  if (languageId === "dockerfile") return "dockerfile";
  if (languageId === "dockercompose" || isComposeName(name)) return "compose";
  if (languageId === "dockerbake" || isBakeName(name)) return "bake";
  return "dockerfile";
}

export function isComposeName(name: string): boolean {
  return /^(?:docker-)?compose(?:[.-].+)?\.ya?ml$/i.test(name);
}

export function isBakeName(name: string): boolean {
  return /^docker-bake(?:\..+)?\.(?:hcl|json)$/i.test(name);
}
