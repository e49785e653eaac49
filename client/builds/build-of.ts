import type { Services } from "../services.ts";
import type { BuildRun } from "./run.ts";

/** The build that made an image, or the last one of its name. */
export function buildOf(
  { builds }: Pick<Services, "builds">,
  imageId: string,
  name: string | undefined,
): BuildRun | undefined {
  const done = builds.list.filter(({ state }) => state === "done");
  return done.find((run) => run.imageId === imageId) ?? done.find((run) => run.tag !== undefined && run.tag === name);
}
