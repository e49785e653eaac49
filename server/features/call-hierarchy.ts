import {
  type CallHierarchyIncomingCall,
  type CallHierarchyItem,
  type CallHierarchyOutgoingCall,
  SymbolKind,
} from "vscode-languageserver";
import type { Stage } from "../../engine/analysis.ts";
import type { Position, Range } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";
import { contains } from "../lint/fixes.ts";
import { isRecord } from "../settings.ts";
import type { StageLink } from "../symbols/model.ts";

/** The stage that is named under the cursor, or whose FROM it stands in; or the image. */
export function prepareCallHierarchy(analysis: Analysis, position: Position): CallHierarchyItem[] {
  const { symbols, dockerfile } = analysis;
  const one = symbols.at(position);
  const named =
    one?.kind === "stage" ? dockerfile.stages.find(({ index }) => `stage ${index}` === one.entity) : undefined;
  if (named) return [stageItem(analysis, named)];
  const link = symbols.links.find(({ range }) => contains(range, position));
  if (link && !link.isBase) return [targetItem(analysis, link)].flatMap((item) => item ?? []);
  const stage = dockerfile.stages.find(({ from }) => contains(from.range, position));
  return stage ? [stageItem(analysis, stage)] : [];
}

/** The stages that use it: FROM, COPY --from and mounts. */
export function incomingCalls(analysis: Analysis, item: CallHierarchyItem): CallHierarchyIncomingCall[] {
  const { symbols } = analysis;
  const key = keyOf(item);
  const users = new Map<Stage, Range[]>();
  for (const link of symbols.links) {
    if (targetKey(link) === key) users.set(link.stage, [...(users.get(link.stage) ?? []), link.range]);
  }
  return [...users].map(([stage, fromRanges]) => ({ from: stageItem(analysis, stage), fromRanges }));
}

/** The stages and images that it takes something from. */
export function outgoingCalls(analysis: Analysis, item: CallHierarchyItem): CallHierarchyOutgoingCall[] {
  const key = keyOf(item);
  const targets = new Map<string, { to: CallHierarchyItem; fromRanges: Range[] }>();
  for (const link of analysis.symbols.links) {
    if (`stage ${link.stage.index}` !== key) continue;
    const to = targetItem(analysis, link);
    if (!to) continue;
    const known = targets.get(targetKey(link));
    if (known) known.fromRanges.push(link.range);
    else targets.set(targetKey(link), { to, fromRanges: [link.range] });
  }
  return [...targets.values()];
}

function targetKey({ target, text }: StageLink): string {
  return target ? `stage ${target.index}` : `image ${text}`;
}

/** What the item was made of; another version of the file may have another stage there. */
function keyOf({ data }: CallHierarchyItem): string | undefined {
  return isRecord(data) && typeof data.key === "string" ? data.key : undefined;
}

function stageItem({ uri }: Analysis, { index, name, from, range }: Stage): CallHierarchyItem {
  const base = from.words[0];
  return {
    name: name?.text ?? base?.text ?? `${index}`,
    detail: name && base ? `FROM ${base.text}` : "FROM",
    kind: SymbolKind.Module,
    uri,
    range,
    selectionRange: name?.range ?? from.range,
    data: { key: `stage ${index}` },
  };
}

/** An image stands where it is named; `scratch` is none. */
function targetItem(analysis: Analysis, link: StageLink): CallHierarchyItem | undefined {
  const { target, text, range } = link;
  if (target) return stageItem(analysis, target);
  if (text === undefined || text.toLowerCase() === "scratch") return undefined;
  const data = { key: targetKey(link) };
  return { name: text, kind: SymbolKind.Package, uri: analysis.uri, range, selectionRange: range, data };
}
