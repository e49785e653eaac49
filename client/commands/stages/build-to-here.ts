import type { Services } from "../../services.ts";
import { buildChosen } from "../images/build.ts";
import { type StageTarget, stageOf } from "./stage.ts";

/** Builds up to a stage to see whether it can be built: the image gets no name, and nobody is asked for one. */
export async function buildToHere(services: Services, target?: StageTarget): Promise<string | undefined> {
  const { file, choice } = stageOf(target);
  return (await buildChosen(services, file, { ...choice, naming: "none" }))?.imageId;
}
