import * as vscode from "vscode";
import { toEngineError } from "../engines/http.ts";
import type { Services } from "../services.ts";
import { errorText } from "../ui/ui.ts";
import { pageUnknown } from "./errors.ts";
import { openLayerExplorer } from "./layers/explorer.ts";
import { openReplay } from "./replay.ts";
import { openRunForm } from "./run-form/run-form.ts";
import { sayIn } from "./say.ts";
import { openTimeline } from "./timeline/timeline.ts";

type Kept = Readonly<Record<string, unknown>>;

/** How each page is shown again in a later window, from what it has kept: names and ids, nothing that was typed. */
const pages: Readonly<Record<string, (services: Services, kept: Kept, into: vscode.WebviewPanel) => unknown>> = {
  "drydock.layers": (services, kept, into) =>
    openLayerExplorer(services, { imageId: textOf(kept.imageId), name: textOf(kept.name) }, into),
  "drydock.timeline": (services, kept, into) => openTimeline(services, textOf(kept.id), into),
  "drydock.runForm": (services, kept, into) => openRunForm(services, textOf(kept.image), into),
  "drydock.replay": (services, kept, into) =>
    openReplay(services, vscode.Uri.parse(textOf(kept.file)), Number(kept.commits) || 1, into),
};

export function registerPages(context: vscode.ExtensionContext, services: Services): void {
  for (const [id, show] of Object.entries(pages)) {
    const restore = async (panel: vscode.WebviewPanel, kept: Kept): Promise<void> => {
      try {
        await show(services, kept, panel);
      } catch (error) {
        services.log.warn(errorText(error));
        const isGone = toEngineError(error).code.endsWith("not-found");
        sayIn(panel, errorText(error), isGone ? undefined : () => void restore(panel, kept));
      }
    };
    context.subscriptions.push(
      vscode.window.registerWebviewPanelSerializer(id, {
        deserializeWebviewPanel: (panel, kept: Kept | undefined) => restore(panel, kept ?? {}),
      }),
    );
  }
}

function textOf(value: unknown): string {
  if (typeof value !== "string" || value === "") throw pageUnknown();
  return value;
}
