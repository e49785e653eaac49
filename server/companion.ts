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

export type DocumentKind = "dockerfile" | "dockerignore" | "compose" | "bake";

/** Which kind of file a document is. Its name counts first: editors take Dockerfile.dockerignore for a Dockerfile. */
export function kindOf(uri: string, languageId: string): DocumentKind {
  const name = lastPart(uri);
  if (languageId === "dockerignore" || isIgnoreFileName(name)) return "dockerignore";
  if (languageId === "dockercompose" || isComposeName(name)) return "compose";
  return isBakeName(name) ? "bake" : "dockerfile";
}

function lastPart(uri: string): string {
  const name = uri.slice(uri.lastIndexOf("/") + 1);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

export function isComposeName(name: string): boolean {
  return /^(?:docker-)?compose(?:[.-].+)?\.ya?ml$/i.test(name);
}

export function isBakeName(name: string): boolean {
  return /^docker-bake(?:\..+)?\.(?:hcl|json)$/i.test(name);
}
