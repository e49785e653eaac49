import type { SignatureHelp } from "vscode-languageserver";
import type { Position } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";
import { baseSignatureHelp } from "../base-language.ts";

export function signatureHelp(analysis: Analysis, position: Position): SignatureHelp | undefined {
  const help = baseSignatureHelp(analysis, position);
  return help && help.signatures.length > 0 ? help : undefined;
}
