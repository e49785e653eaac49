import * as vscode from "vscode";
import { msg } from "../../engine/base/message.ts";
import type { ApiEvent } from "../engines/event-stream.ts";
import type { Services } from "../services.ts";
import { t } from "../ui/text.ts";
import { errorText } from "../ui/ui.ts";
import { type Arrangement, arrange, filterMessage, type ViewChoice } from "./arrange.ts";
import { type Node, saysOther } from "./node.ts";

export type { Node } from "./node.ts";

export interface ViewOptions<T extends Node> {
  /** `drydock.containers`; commands of the view begin with it. */
  readonly id: string;
  load(): Promise<readonly T[]>;
  /** Whether an event can change what is shown. */
  concerns(event: ApiEvent): boolean;
  readonly arrangement?: Arrangement<T>;
  /** Rows say how old something is. */
  readonly showsAges?: boolean;
  readonly canSelectMany?: boolean;
  readonly dragAndDrop?: vscode.TreeDragAndDropController<Node>;
  badge?(nodes: readonly T[]): vscode.ViewBadge | undefined;
}

/** One view, for those who show something in it. */
export interface Tree<T extends Node> extends vscode.Disposable {
  readonly view: vscode.TreeView<Node>;
  /** What was loaded last, before any filter. */
  readonly nodes: readonly T[];
  /** Looks again, once for many calls; later when it is hidden. */
  refresh(): void;
  /** Shows one row anew without asking the engine, for what is below it neither: what it says has changed. */
  update(id: string, node: Node): void;
  /** After each look that the person can see. */
  readonly onDidLoad: vscode.Event<readonly T[]>;
}

/** Events come in bursts (a build tags, creates, starts): one look for all of them. */
const burstMs = 50;

/** Ages are told in minutes. */
const ageMs = 60_000;

/** A tree view that follows the engine's events. It does nothing while it is hidden. */
export function registerTree<T extends Node>(services: Services, options: ViewOptions<T>): Tree<T> {
  const { id, load, concerns, arrangement, badge } = options;
  const changed = new vscode.EventEmitter<Node | undefined>();
  const loaded = new vscode.EventEmitter<readonly T[]>();
  const choiceKey = `view:${id}`;
  const parents = new Map<string, Node>();
  const latest = new Map<string, Node>();
  const given = new Map<string, Node>();
  const belowOf = new Map<string, readonly Node[]>();
  const quiet = new Set<string>();
  let nodes: readonly T[] = [];
  let filter = "";
  let stale = false;
  let timer: NodeJS.Timeout | undefined;

  const choice = (): ViewChoice => ({
    group: "",
    sort: "",
    ...services.storage.get<Partial<ViewChoice>>(choiceKey),
    filter,
  });
  const rows = async (): Promise<readonly Node[]> => {
    nodes = await load();
    if (badge) view.badge = badge(nodes);
    loaded.fire(nodes);
    if (!arrangement) {
      view.message = "";
      return nodes;
    }
    const arranged = arrange(nodes, arrangement, choice());
    const message = filterMessage(arranged, filter);
    view.message = message ? t(message) : "";
    return arranged.rows;
  };
  /** VS Code asks for all that is open below a row that says something else: the engine need not be asked for that. */
  const isQuiet = (node: Node | undefined): boolean =>
    node !== undefined && (quiet.has(node.id) || isQuiet(parents.get(node.id)));
  const below = async (node: Node | undefined): Promise<readonly Node[]> => {
    if (!node) return rows();
    const known = isQuiet(node) ? belowOf.get(node.id) : undefined;
    if (known) return known;
    return node.loadChildren ? node.loadChildren() : (node.children ?? []);
  };

  const view = vscode.window.createTreeView<Node>(id, {
    showCollapseAll: true,
    canSelectMany: options.canSelectMany ?? true,
    ...(options.dragAndDrop ? { dragAndDropController: options.dragAndDrop } : {}),
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getTreeItem: (node) => treeItem(latest.get(node.id) ?? node),
      getParent: (node) => parents.get(node.id),
      async getChildren(node) {
        try {
          const found = await below(node);
          if (!node) {
            parents.clear();
            latest.clear();
            given.clear();
            belowOf.clear();
            quiet.clear();
          } else belowOf.set(node.id, found);
          for (const child of found) {
            if (node) parents.set(child.id, node);
            given.set(child.id, child);
          }
          return [...found];
        } catch (error) {
          // Said in the view: it looks by itself, again and again, and nobody has asked for a notification.
          view.message = errorText(error);
          services.log.warn(view.message);
          if (node) belowOf.set(node.id, []);
          return [];
        }
      },
    },
  });

  const refresh = () => {
    if (!view.visible) {
      stale = true;
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(() => changed.fire(undefined), burstMs);
  };
  const setFilter = (text: string) => {
    filter = text;
    void vscode.commands.executeCommand("setContext", `${id}.filtered`, text.trim() !== "");
    refresh();
  };
  const choose = async (part: "group" | "sort") => {
    const list = part === "group" ? arrangement?.groups : arrangement?.sorts;
    if (!list) return;
    const now = choice()[part] || list[0]?.id;
    const picked = await services.ui.pick(
      list.map((item) => ({ label: `${item.id === now ? "$(check)" : "$(blank)"} ${t(item.label)}`, value: item.id })),
      part === "group" ? msg("Group by") : msg("Sort by"),
    );
    if (picked === undefined) return;
    const { filter: _, ...kept } = choice();
    await services.storage.update(choiceKey, { ...kept, [part]: picked });
    refresh();
  };
  const commands = {
    refresh,
    ...(arrangement && {
      filter: async () => {
        const before = filter;
        const text = await askFilter(before, setFilter);
        if (text === undefined) setFilter(before);
      },
      clearFilter: () => setFilter(""),
      groupBy: () => choose("group"),
      sortBy: () => choose("sort"),
    }),
  };

  const update = (nodeId: string, node: Node) => {
    const known = given.get(nodeId);
    if (!known || !view.visible) return;
    latest.set(nodeId, node);
    quiet.add(nodeId);
    changed.fire(known);
  };
  /** Draws only what says something else, and asks for nothing below it. */
  const tellAges = async () => {
    if (!view.visible || nodes.length === 0) return;
    const before = nodes;
    // An engine that does not answer is told of by who asks it for something.
    const now = await load().catch(() => before);
    if (nodes !== before) return;
    nodes = now;
    for (const node of saysOther(before, now)) update(node.id, node);
  };
  const clock = options.showsAges ? setInterval(() => void tellAges(), ageMs) : undefined;

  const disposable = vscode.Disposable.from(
    view,
    changed,
    loaded,
    ...Object.entries(commands).map(([name, run]) => vscode.commands.registerCommand(`${id}.${name}`, run)),
    { dispose: services.engines.events.on((event) => (event === undefined || concerns(event)) && refresh()) },
    view.onDidChangeVisibility(() => {
      if (view.visible && stale) {
        stale = false;
        changed.fire(undefined);
      }
    }),
    { dispose: () => clearTimeout(timer) },
    { dispose: () => clearInterval(clock) },
  );
  return {
    view,
    get nodes() {
      return nodes;
    },
    refresh,
    update,
    onDidLoad: loaded.event,
    dispose: () => disposable.dispose(),
  };
}

/** The rows follow while the person types. Undefined: taken back. */
function askFilter(value: string, onType: (text: string) => void): Promise<string | undefined> {
  return new Promise((resolve) => {
    const input = vscode.window.createInputBox();
    input.value = value;
    input.placeholder = t(msg("Words to look for; Esc takes it back"));
    input.onDidChangeValue(onType);
    let accepted: string | undefined;
    input.onDidAccept(() => {
      accepted = input.value;
      input.hide();
    });
    input.onDidHide(() => {
      input.dispose();
      resolve(accepted);
    });
    input.show();
  });
}

function treeItem(node: Node): vscode.TreeItem {
  const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;
  const isParent = node.children !== undefined || node.loadChildren !== undefined;
  const item = new vscode.TreeItem(node.label, isParent ? (node.expanded ? Expanded : Collapsed) : None);
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
  if (node.resource !== undefined) item.resourceUri = vscode.Uri.parse(node.resource);
  if (node.command) item.command = { command: node.command.id, title: "", arguments: [...node.command.arguments] };
  if (node.accessibleLabel !== undefined) item.accessibilityInformation = { label: node.accessibleLabel };
  return item;
}
