import * as vscode from "vscode";
import type { Services } from "../services.ts";
import { errorText } from "../ui/ui.ts";

/** A row of a view, plain data: made by the pure `nodes(data)` of each view. */
export interface Node {
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  readonly tooltip?: string;
  readonly icon?: { readonly id: string; readonly color?: string };
  /** Read aloud instead of label and icon. */
  readonly accessibleLabel?: string;
  /** What menus test: `container.running`. */
  readonly kind: string;
  readonly children?: readonly Node[];
}

interface ViewOptions<T extends Node> {
  readonly id: string;
  load(): Promise<readonly T[]>;
  /** Whether an event of this type (`container`, `image`, …) can change what is shown. */
  concerns(type: string): boolean;
}

/** A tree view that follows the engine's events. It does nothing while it is hidden. */
export function registerTree<T extends Node>(
  services: Services,
  { id, load, concerns }: ViewOptions<T>,
): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  let stale = false;
  let timer: NodeJS.Timeout | undefined;

  const view = vscode.window.createTreeView<Node>(id, {
    showCollapseAll: false,
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getTreeItem: treeItem,
      async getChildren(node) {
        if (node) return [...(node.children ?? [])];
        try {
          const nodes = await load();
          view.message = "";
          return [...nodes];
        } catch (error) {
          // Said in the view: it looks by itself, again and again, and nobody has asked for a notification.
          view.message = errorText(error);
          services.log.warn(view.message);
          return [];
        }
      },
    },
  });

  // Events come in bursts (a build tags, creates, starts): one look for all of them.
  const refresh = () => {
    if (!view.visible) {
      stale = true;
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(() => changed.fire(), 50);
  };

  return vscode.Disposable.from(
    view,
    changed,
    { dispose: services.engines.events.on((event) => (event === undefined || concerns(event.Type)) && refresh()) },
    view.onDidChangeVisibility(() => {
      if (view.visible && stale) {
        stale = false;
        changed.fire();
      }
    }),
    { dispose: () => clearTimeout(timer) },
  );
}

function treeItem(node: Node): vscode.TreeItem {
  const state = node.children ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.None;
  const item = new vscode.TreeItem(node.label, state);
  item.id = node.id;
  item.contextValue = node.kind;
  if (node.description !== undefined) item.description = node.description;
  if (node.tooltip !== undefined) item.tooltip = node.tooltip;
  if (node.icon) {
    item.iconPath = new vscode.ThemeIcon(
      node.icon.id,
      node.icon.color ? new vscode.ThemeColor(node.icon.color) : undefined,
    );
  }
  if (node.accessibleLabel) item.accessibilityInformation = { label: node.accessibleLabel };
  return item;
}
