import { existsSync, statSync } from "node:fs";
import path from "node:path";
import * as vscode from "vscode";
import { msg } from "../../engine/base/message.ts";
import { t } from "../ui/text.ts";
import { findPlaces } from "./places.ts";

interface PlaceLink extends vscode.TerminalLink {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Which folder of this machine a terminal's output speaks of; its files may have another path in the image. */
const folders = new WeakMap<vscode.Terminal, () => Promise<readonly string[]> | readonly string[]>();

/** Output of this terminal may name files of these folders. */
export function linkFiles(terminal: vscode.Terminal, of: () => Promise<readonly string[]> | readonly string[]): void {
  folders.set(terminal, of);
}

/** `src/app.js:12:3` in build and container logs leads to the file of the workspace. */
export function registerPlaceLinks(context: vscode.ExtensionContext): void {
  const provider: vscode.TerminalLinkProvider<PlaceLink> = {
    async provideTerminalLinks({ line, terminal }) {
      const of = folders.get(terminal);
      if (!of) return [];
      const places = findPlaces(line);
      if (places.length === 0) return [];
      const roots = [...(await of()), ...(vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath)];
      return places.flatMap((place) => {
        const file = resolve(place.file, roots);
        if (file === undefined) return [];
        const { start, length } = place;
        return [
          { startIndex: start, length, tooltip: t(msg("Open file")), file, line: place.line, column: place.column },
        ];
      });
    },
    async handleTerminalLink({ file, line, column }) {
      const position = new vscode.Position(line, column);
      await vscode.window.showTextDocument(vscode.Uri.file(file), {
        selection: new vscode.Range(position, position),
      });
    },
  };
  context.subscriptions.push(vscode.window.registerTerminalLinkProvider(provider));
}

/** A path of the image is looked for from its end: `/app/src/a.js`, then `src/a.js`, then `a.js` below each folder. */
function resolve(file: string, roots: readonly string[]): string | undefined {
  const parts = file.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..") || parts.includes("node_modules")) return undefined;
  for (const root of roots) {
    for (let from = 0; from < parts.length; from++) {
      const candidate = path.join(root, ...parts.slice(from));
      if (existsSync(candidate) && statSync(candidate).isFile()) return candidate;
    }
  }
  return undefined;
}
