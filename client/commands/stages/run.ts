import type { Services } from "../../services.ts";
import { buildChosen } from "../images/build.ts";
import { runImage } from "../images/run.ts";
import { type StageTarget, stageOf } from "./stage.ts";

/** Builds a stage under its usual name, then asks how to run it. Nothing is run that could not be built. */
export async function runStage(services: Services, target?: StageTarget): Promise<string | undefined> {
  const { file, choice } = stageOf(target);
  const built = await buildChosen(services, file, { ...choice, naming: "usual" });
  return built && runImage(services, built);
}
