import { openWalkthrough } from "../../first-minutes.ts";
import type { Services } from "../../services.ts";

/** From a first Dockerfile to a running app, in five steps. */
export async function showWalkthrough({ extension }: Services): Promise<void> {
  await openWalkthrough(extension.id);
}
