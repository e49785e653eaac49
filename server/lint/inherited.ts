import type { StageView } from "./views.ts";

/**
 * What a stage has of its own, on top of what it has from the stages that it is built from. Worked out once for each view:
 * in a chain of thousands of stages each of them costs one step.
 */
export function inherited<T>(read: (stage: StageView, above: T | undefined) => T): (stage: StageView) => T {
  const kept = new WeakMap<StageView, { readonly value: T }>();
  return (stage) => {
    const chain: StageView[] = [];
    let known: { readonly value: T } | undefined;
    for (let view: StageView | undefined = stage; view && !known; view = view.parent) {
      known = kept.get(view);
      if (!known) chain.push(view);
    }
    for (const view of chain.reverse()) {
      known = { value: read(view, known?.value) };
      kept.set(view, known);
    }
    return (known as { readonly value: T }).value;
  };
}
