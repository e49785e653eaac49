import { msg } from "../../../engine/base/message.ts";
import type { Services } from "../../services.ts";
import { formatBytes } from "../../ui/format.ts";
import type { ContainerNode } from "../../views/containers.ts";
import { forEach, rowsOf } from "../many.ts";
import { containerOf, pickContainer } from "../pick.ts";

/** With the volumes that were made for it alone. */
export async function removeContainer(
  services: Services,
  target?: ContainerNode,
  all?: readonly ContainerNode[],
): Promise<void> {
  const picked = target
    ? undefined
    : await pickContainer(services, undefined, "any", msg("Which container shall be removed?"));
  const nodes = target ? rowsOf(target, all) : picked ? [picked] : [];
  if (nodes.length === 0) return;
  const { docker } = await services.engines.connection();
  const running = nodes.filter(({ kind }) => !kind.startsWith("container.stopped"));
  const name = nodes.length === 1 ? (nodes[0]?.name ?? "") : "";
  const question =
    nodes.length > 1
      ? running.length > 0
        ? msg("Remove {count} containers, {running} of them running?", { count: nodes.length, running: running.length })
        : msg("Remove {count} containers?", { count: nodes.length })
      : running.length > 0
        ? msg("Stop and remove {name}?", { name })
        : msg("Remove {name}?", { name });
  const detail = msg("What the container has written to its own file system is lost. Its image stays.");
  if (!(await services.ui.confirm(question, detail, msg("Remove")))) return;
  await forEach(nodes, (node) => containerOf(docker, node).remove({ force: running.includes(node), v: true }));
}

/** All that do not run. */
export async function pruneContainers(services: Services): Promise<void> {
  const { docker } = await services.engines.connection();
  const stopped = await docker.listContainers({ all: true, filters: { status: ["created", "exited", "dead"] } });
  if (stopped.length === 0) {
    services.ui.info(msg("There is no stopped container."));
    return;
  }
  const names = stopped.map((one) => (one.Names[0] ?? one.Id.slice(0, 12)).replace(/^\//, "")).join(", ");
  const agreed =
    stopped.length === 1
      ? await services.ui.confirm(msg("Remove {name}?", { name: names }), undefined, msg("Remove"))
      : await services.ui.confirm(
          msg("Remove {count} stopped containers?", { count: stopped.length }),
          msg("{names}", { names }),
          msg("Remove"),
        );
  if (!agreed) return;
  const { SpaceReclaimed = 0 } = await docker.pruneContainers();
  services.ui.info(
    msg("Containers removed: {count}. Freed: {size}.", { count: stopped.length, size: formatBytes(SpaceReclaimed) }),
  );
}
