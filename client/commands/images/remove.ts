import { msg } from "../../../engine/base/message.ts";
import { toEngineError } from "../../engines/http.ts";
import type { Services } from "../../services.ts";
import type { ImageNode } from "../../views/images.ts";
import { pickImage } from "../pick.ts";

export async function removeImage(services: Services, target?: ImageNode): Promise<void> {
  const node = await pickImage(services, target, msg("Which image shall be removed?"));
  if (!node) return;
  if (!(await services.ui.confirm(msg("Remove the image {name}?", { name: node.label }), undefined, msg("Remove"))))
    return;
  const { docker } = await services.engines.connection();
  const image = docker.getImage(node.reference);
  try {
    await image.remove();
  } catch (error) {
    const failure = toEngineError(error);
    if (failure.code !== "conflict") throw error;
    const users = await docker.listContainers({ all: true, filters: { ancestor: [node.imageId] } });
    if (users.length === 0) throw error;
    // A stopped container still needs its image: the classic surprise. Say which, and offer both at once.
    const names = users.map((user) => (user.Names[0] ?? user.Id.slice(0, 12)).replace(/^\//, "")).join(", ");
    const question = msg("{image} is used by {containers}. Remove them too?", { image: node.label, containers: names });
    const detail = msg("A container needs its image as long as it exists, even when it is stopped.");
    if (!(await services.ui.confirm(question, detail, msg("Remove All")))) return;
    for (const user of users) await docker.getContainer(user.Id).remove({ force: true });
    await image.remove();
  }
}
