import type { Services } from "../../services.ts";
import { buildChosen } from "../images/build.ts";
import { type StageTarget, stageOf } from "./stage.ts";

/** Builds a stage under a name that is asked for. */
export async function buildStage(services: Services, target?: StageTarget): Promise<string | undefined> {
  const { file, choice } = stageOf(target);
  return (await buildChosen(services, file, choice))?.imageId;
}
