import type { Diagnostic } from "vscode-languageserver";
import type { Forecast } from "../../engine/base/forecast.ts";
import { type Message, msg } from "../../engine/base/message.ts";
import type { Replay, ReplayedStep, ReplayedVariant } from "../../engine/base/replay.ts";
import { reorderRule } from "../lint/proposed-order.ts";
import { shortDuration } from "./words.ts";

type Translate = (message: Message) => string;

/** Rules whose weight is what a step costs. */
const costRules = new Set([reorderRule, "cache/cache-mount", "cache/arg-before-expensive"]);

/** Below this nobody gains anything. */
const worthMs = 1000;

/** What a finding costs, under its words: the time of its step, and what history says of the order. */
export function withCosts(
  diagnostics: Diagnostic[],
  forecast: Forecast | undefined,
  history: Message | undefined,
  translate: Translate,
): Diagnostic[] {
  if (!diagnostics.some(({ code }) => costRules.has(String(code)))) return diagnostics;
  return diagnostics.map((diagnostic) => {
    if (!costRules.has(String(diagnostic.code))) return diagnostic;
    const more = diagnostic.code === reorderRule ? history : costOf(diagnostic, forecast);
    return more ? { ...diagnostic, message: `${diagnostic.message}\n${translate(more)}` } : diagnostic;
  });
}

function costOf({ range }: Diagnostic, forecast: Forecast | undefined): Message | undefined {
  const step = forecast?.steps.find(
    (one) => one.range.start.line <= range.start.line && range.start.line <= one.range.end.line,
  );
  if (step?.durationMs === undefined || step.durationMs < worthMs) return undefined;
  return msg("The last time this step took {duration}.", { duration: shortDuration(step.durationMs) });
}

/** "97 of the last 100 commits would run npm ci again; in the proposed order 4." */
export function historySentence({ commits, variants }: Replay): Message | undefined {
  const [now, proposed] = variants;
  if (!now || !proposed || commits.length < 2) return undefined;
  const step = dearest(now);
  if (!step || step.rebuilt === 0) return undefined;
  const after = counterpart(step, proposed);
  if (after >= step.rebuilt) return undefined;
  const saved = now.totalMs - proposed.totalMs;
  const values = { rebuilt: step.rebuilt, total: commits.length, command: short(step.instruction), after };
  return saved > 60_000
    ? msg(
        "{rebuilt} of the last {total} commits would run {command} again; in the proposed order {after}. That would have saved about {minutes} minutes.",
        { ...values, minutes: Math.round(saved / 60_000) },
      )
    : msg("{rebuilt} of the last {total} commits would run {command} again; in the proposed order {after}.", values);
}

/** The RUN that cost the most in sum. */
function dearest({ steps }: ReplayedVariant): ReplayedStep | undefined {
  const cost = ({ rebuilt, durationMs = 1 }: ReplayedStep) => rebuilt * durationMs;
  return steps
    .filter(({ instruction }) => /^RUN\b/i.test(instruction))
    .sort((a, b) => cost(b) - cost(a) || a.line - b.line)[0];
}

/** How often the same work is done in the other order, where it may be a part of the step. */
function counterpart({ instruction }: ReplayedStep, { steps }: ReplayedVariant): number {
  const runs = steps.filter((step) => /^RUN\b/i.test(step.instruction));
  const same = runs.filter((step) => step.instruction === instruction || instruction.startsWith(step.instruction));
  return (same[0] ?? runs.toSorted((a, b) => a.rebuilt - b.rebuilt)[0])?.rebuilt ?? 0;
}

function short(instruction: string): string {
  const text =
    instruction
      .replace(/^RUN\s+(?:--\S+\s+)*/i, "")
      .split(/\n|&&|;/)[0]
      ?.trim() ?? "";
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
