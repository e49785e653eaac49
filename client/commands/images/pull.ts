import { msg } from "../../../engine/base/message.ts";
import { tryParseReference } from "../../../engine/oci/reference.ts";
import type { Services } from "../../services.ts";

export async function pullImage(services: Services): Promise<void> {
  // First of all: nobody should answer a question for a pull that cannot be.
  const connection = await services.engines.connection();
  const name = await services.ui.input({
    title: msg("Pull Image"),
    prompt: msg("Name of the image. Without a tag it is :latest."),
    value: "",
    validate: (text) =>
      tryParseReference(text.trim())
        ? undefined
        : msg("An image name is lower case, like node:24 or ghcr.io/owner/app:1.0."),
  });
  if (!name) return;
  await services.ui.withProgress(msg("Pulling {name}", { name }), async (report, signal) => {
    try {
      await connection.pull(name, report, signal);
    } catch (error) {
      // Cancelled by the user, who need not be told.
      if (!signal.aborted) throw error;
    }
  });
}
