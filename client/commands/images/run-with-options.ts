import { msg } from "../../../engine/base/message.ts";
import type { Services } from "../../services.ts";
import type { ImageNode } from "../../views/images.ts";
import { openRunForm } from "../../webviews/run-form/run-form.ts";
import { pickImage } from "../pick.ts";

/** A form for all that `docker run` is told most often. */
export async function runWithOptions(services: Services, target?: Pick<ImageNode, "reference">): Promise<void> {
  const reference =
    target?.reference ?? (await pickImage(services, undefined, msg("Which image shall be run?")))?.reference;
  if (reference) await openRunForm(services, reference);
}
