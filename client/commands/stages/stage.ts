import * as vscode from "vscode";

/** What a lens above a stage passes: `StageArguments` of server/features/code-lens.ts. */
export interface StageTarget {
  readonly uri: string;
  readonly target?: string;
}

/** The file and what of it is meant. */
export function stageOf(target: StageTarget | undefined) {
  const file = target && vscode.Uri.parse(target.uri);
  return { file, choice: target?.target === undefined ? {} : { stage: target.target } };
}
