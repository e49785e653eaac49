import type { ExitState, MonitorState } from "./folder.ts";
import type { Health } from "./types.ts";

/** What happened between two states of a monitor, in the order in which it happened. */
export type News =
  | { readonly type: "died"; readonly exit: ExitState }
  | { readonly type: "started" }
  | { readonly type: "paused" }
  | { readonly type: "unpaused" }
  /** `changed`: not only another result, but another status. */
  | { readonly type: "health"; readonly health: Health; readonly changed: boolean };

export function newsBetween(before: MonitorState, after: MonitorState): readonly News[] {
  const news: News[] = [];
  if (before.status === "paused" && after.status !== "paused") news.push({ type: "unpaused" });
  if (after.status === "restarting" && before.status !== "restarting" && after.exit) {
    news.push({ type: "died", exit: after.exit });
  }
  // An end and a start may both have come between: before an engine that has just come back was connected.
  const isAnother = before.status === "restarting" || before.restartCount !== after.restartCount;
  if (isAnother && after.status !== undefined && after.status !== "restarting") news.push({ type: "started" });
  if (before.status !== "paused" && after.status === "paused") news.push({ type: "paused" });
  const sameRun = before.restartCount === after.restartCount;
  if (sameRun && after.health && before.health !== undefined && !sameHealth(before.health, after.health)) {
    news.push({ type: "health", health: after.health, changed: after.health.status !== before.health.status });
  }
  return news;
}

function sameHealth(one: Health, other: Health): boolean {
  const [last, lastOfOther] = [one.log.at(-1), other.log.at(-1)];
  return one.status === other.status && last?.startedAt === lastOfOther?.startedAt;
}
