import { msg } from "../../../engine/base/message.ts";
import { toEngineError } from "../../engines/http.ts";
import type { Services } from "../../services.ts";
import type { ImageNode } from "../../views/images.ts";
import { forEach, rowsOf } from "../many.ts";
import { pickImage } from "../pick.ts";

export async function removeImage(services: Services, target?: ImageNode, all?: readonly ImageNode[]): Promise<void> {
  const picked = target ? undefined : await pickImage(services, undefined, msg("Which image shall be removed?"));
  const nodes = target ? rowsOf(target, all) : picked ? [picked] : [];
  if (nodes.length === 0) return;
  const question =
    nodes.length === 1
      ? msg("Remove the image {name}?", { name: names(nodes) })
      : msg("Remove {count} images?", { count: nodes.length });
  const detail = nodes.length === 1 ? undefined : msg("{names}", { names: names(nodes) });
  if (!(await services.ui.confirm(question, detail, msg("Remove")))) return;
  const { docker } = await services.engines.connection();
  const kept: ImageNode[] = [];
  const users = new Map<string, string>();
  await forEach(nodes, async (node) => {
    try {
      await docker.getImage(node.reference).remove();
    } catch (error) {
      if (toEngineError(error).code !== "conflict") throw error;
      const found = await docker.listContainers({ all: true, filters: { ancestor: [node.imageId] } });
      if (found.length === 0) throw error;
      for (const { Id, Names } of found) users.set(Id, (Names[0] ?? Id.slice(0, 12)).replace(/^\//, ""));
      kept.push(node);
    }
  });
  if (kept.length === 0) return;
  // A stopped container still needs its image: the classic surprise. Say which, and offer both at once.
  const containers = [...users.values()].join(", ");
  const both =
    kept.length === 1
      ? msg("{image} is used by {containers}. Remove them too?", { image: names(kept), containers })
      : msg("{images} are used by {containers}. Remove the containers too?", { images: names(kept), containers });
  const why = msg("A container needs its image as long as it exists, even when it is stopped.");
  if (!(await services.ui.confirm(both, why, msg("Remove All")))) return;
  await forEach([...users.keys()], (id) => docker.getContainer(id).remove({ force: true }));
  await forEach(kept, ({ reference }) => docker.getImage(reference).remove());
}

function names(nodes: readonly ImageNode[]): string {
  return nodes.map(({ label }) => label).join(", ");
}
