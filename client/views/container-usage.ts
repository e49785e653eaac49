import * as vscode from "vscode";
import { linesOf, send } from "../engines/http.ts";
import type { Services } from "../services.ts";
import { t } from "../ui/text.ts";
import type { ContainerNode } from "./containers.ts";
import { LiveUsage } from "./live-usage.ts";
import type { Tree } from "./tree.ts";
import { type StatsAnswer, withUsage } from "./usage.ts";

const setting = "drydock.containers.stats";

export interface ContainerUsage extends vscode.Disposable {
  /** With what is known already, so that a look at the list does not take the numbers away for a second. */
  decorate(nodes: readonly ContainerNode[]): ContainerNode[];
  /** From now on: the rows of this view, while it can be seen. */
  show(tree: Tree<ContainerNode>): void;
}

/** Processor and memory of running containers in their rows. Nothing is asked while the view is hidden or the setting is off. */
export function containerUsage(services: Services): ContainerUsage {
  const plain = new Map<string, ContainerNode>();
  const disposables: vscode.Disposable[] = [];
  let tree: Tree<ContainerNode> | undefined;
  const live = new LiveUsage({
    async *open(id, signal) {
      const { transport } = await services.engines.connection();
      const answer = await send(transport, "GET", `/containers/${id}/stats?stream=1`, undefined, signal);
      yield* linesOf<StatsAnswer>(answer, signal);
    },
    onUsage(id, usage) {
      const node = plain.get(id);
      if (node) tree?.update(id, withUsage(node, usage, t));
    },
  });
  const follow = () => {
    const on = tree?.view.visible && vscode.workspace.getConfiguration().get(setting, true);
    live.follow(on ? [...plain.values()].filter(({ state }) => state === "running").map(({ id }) => id) : []);
  };
  return {
    decorate(nodes) {
      plain.clear();
      for (const node of nodes) plain.set(node.id, node);
      follow();
      return nodes.map((node) => {
        const usage = live.last(node.id);
        return usage ? withUsage(node, usage, t) : node;
      });
    },
    show(shown) {
      tree = shown;
      disposables.push(
        shown.view.onDidChangeVisibility(follow),
        vscode.workspace.onDidChangeConfiguration((change) => {
          if (!change.affectsConfiguration(setting)) return;
          follow();
          shown.refresh();
        }),
      );
    },
    dispose() {
      live.follow([]);
      for (const one of disposables) one.dispose();
    },
  };
}
