import * as vscode from "vscode";
import { msg } from "../../../engine/base/message.ts";
import { toEngineError } from "../../engines/http.ts";
import { uriOf } from "../../files/provider.ts";
import { layerPlace } from "../../layers/layer-files.ts";
import { type LayerLine, linesOfLayers } from "../../layers/lines.ts";
import { showLine } from "../../layers/show-line.ts";
import { type LayerSource, layerSource } from "../../layers/source.ts";
import type { Services } from "../../services.ts";
import { escapeHtml } from "../../ui/html.ts";
import { t } from "../../ui/text.ts";
import { errorText } from "../../ui/ui.ts";
import { imageGone } from "../errors.ts";
import { openPanel } from "../panel.ts";
import type { FromPage, Question, Start, ToPage } from "./messages.ts";
import { layersStyle } from "./style.ts";
import { layerWords } from "./words.ts";

interface Wish {
  readonly imageId: string;
  /** For people. */
  readonly name: string;
  readonly layer?: number;
}

const open = new Map<string, { readonly panel: vscode.WebviewPanel; show(layer: number): void }>();

/** What is in the layers of an image. One tab an image. `into`: a tab of an earlier window. */
export async function openLayerExplorer(
  services: Services,
  { imageId, name, layer }: Wish,
  into?: vscode.WebviewPanel,
): Promise<void> {
  const known = open.get(imageId);
  if (known) {
    into?.dispose();
    known.panel.reveal();
    if (layer !== undefined) known.show(layer);
    return;
  }
  const source = layerSource(await services.engines.connection());
  const image = await source.layers(imageId).catch((error) => {
    throw isGone(error) ? imageGone(name) : error;
  });
  const lines = linesOfLayers(services, imageId, image);
  const start: Start = {
    imageId,
    name,
    image,
    lines: Object.fromEntries([...lines].map(([at, from]) => [at, lineLabel(from)])),
    hasContents: source.hasContents,
    ...(layer === undefined ? {} : { layer }),
  };
  const words = Object.fromEntries(Object.entries(layerWords()).map(([key, message]) => [key, t(message)]));
  const panel = openPanel({
    id: "drydock.layers",
    title: t(msg("Layers: {name}", { name })),
    distDir: services.distDir,
    script: "layers-page.js",
    into,
    style: layersStyle,
    body: `<main id="app" data-words="${escapeHtml(JSON.stringify(words))}"></main>`,
    onMessage: (message) => {
      receive(message as FromPage).catch((error) => services.ui.error(error));
    },
  });
  const send = (message: ToPage) => void panel.webview.postMessage(message);
  open.set(imageId, { panel, show: (wanted) => send({ type: "show", layer: wanted }) });
  panel.onDidDispose(() => open.delete(imageId));

  async function receive(message: FromPage): Promise<void> {
    switch (message.type) {
      case "ready":
        return send({ type: "start", start });
      case "question":
        return ask(source, imageId, message.question).then(
          (answer) => send({ type: "answer", id: message.id, answer }),
          (error) => send({ type: "failed", id: message.id, text: errorText(toEngineError(error)) }),
        );
      case "open":
        return void (await vscode.commands.executeCommand(
          "vscode.open",
          uriOf(layerPlace(imageId, message.layer, message.path)),
          { preview: true },
        ));
      case "compare":
        return compare(services, imageId, message);
      case "line": {
        const from = lines.get(message.layer);
        if (from) await showLine(from, { viewColumn: vscode.ViewColumn.Beside });
        return;
      }
    }
  }
}

function isGone(error: unknown): boolean {
  return toEngineError(error).code.endsWith("not-found") || (error as { statusCode?: number }).statusCode === 404;
}

function ask(source: LayerSource, imageId: string, question: Question) {
  switch (question.ask) {
    case "summary":
      return source.summary(imageId);
    case "folder":
      return source.folder(imageId, withoutAsk(question));
    case "search":
      return source.search(imageId, withoutAsk(question));
  }
}

function withoutAsk<T extends { readonly ask: string }>({ ask: _, ...rest }: T): Omit<T, "ask"> {
  return rest;
}

/** With the layer below that has the file too; where there are several, the one that is picked. */
async function compare(
  { ui }: Services,
  imageId: string,
  { layer, path, layers }: Extract<FromPage, { type: "compare" }>,
): Promise<void> {
  const others = layers.filter((one) => one !== layer);
  const other =
    others.length < 2
      ? others[0]
      : await ui.pick(
          others.map((one) => ({ label: t(msg("layer {number}", { number: one + 1 })), value: one })),
          msg("Compare with which layer?"),
        );
  if (other === undefined) return;
  const [before, after] = [Math.min(layer, other), Math.max(layer, other)];
  const title = `${path.split("/").at(-1)} (${before + 1} ↔ ${after + 1})`;
  const [left, right] = [before, after].map((one) => uriOf(layerPlace(imageId, one, path)));
  await vscode.commands.executeCommand("vscode.diff", left, right, title);
}

function lineLabel({ file, line }: LayerLine): string {
  return `${file.split("/").at(-1)}:${line + 1}`;
}
