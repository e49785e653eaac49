import { msg } from "../../../engine/base/message.ts";
import type { Services } from "../../services.ts";
import { formatBytes } from "../../ui/format.ts";
import { type VolumeNode, volumeNodes } from "../../views/volumes.ts";
import { forEach, rowsOf } from "../many.ts";

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

export async function createVolume(services: Services): Promise<void> {
  const { docker } = await services.engines.connection();
  const name = await services.ui.input({
    title: msg("Create Volume"),
    prompt: msg("Name of the volume: files in it outlive containers."),
    value: "",
    validate: (text) => (namePattern.test(text) ? undefined : msg("Letters, digits, - _ and . only, at least two.")),
  });
  if (name) await docker.createVolume({ Name: name });
}

export async function removeVolume(
  services: Services,
  target?: VolumeNode,
  all?: readonly VolumeNode[],
): Promise<void> {
  const nodes = target ? rowsOf(target, all) : await pick(services);
  if (nodes.length === 0) return;
  const used = nodes.filter(({ users }) => users.length > 0);
  if (used.length > 0) {
    const containers = [...new Set(used.flatMap(({ users }) => users))].join(", ");
    services.ui.info(
      msg("{volumes} is used by {containers}. Remove the containers first.", { volumes: names(used), containers }),
    );
    return;
  }
  const question =
    nodes.length === 1
      ? msg("Remove the volume {name}?", { name: names(nodes) })
      : msg("Remove {count} volumes?", { count: nodes.length });
  if (!(await services.ui.confirm(question, msg("The files in it are lost."), msg("Remove")))) return;
  const { docker } = await services.engines.connection();
  await forEach(nodes, ({ volume }) => docker.getVolume(volume).remove());
}

/** Those that no container uses; named ones only when it is said so. */
export async function pruneVolumes(services: Services): Promise<void> {
  const { docker } = await services.engines.connection();
  const choice = await services.ui.pick(
    [
      { label: services.ui.text(msg("Those that were made for one container")), value: "anonymous" as const },
      { label: services.ui.text(msg("All that no container uses, named ones too")), value: "all" as const },
    ],
    msg("Which unused volumes shall be removed?"),
  );
  if (!choice) return;
  const { Volumes } = await docker.listVolumes({ filters: { dangling: ["true"] } });
  const gone = Volumes.filter(({ Name }) => choice === "all" || /^[0-9a-f]{64}$/.test(Name));
  if (gone.length === 0) {
    services.ui.info(msg("There is no such volume."));
    return;
  }
  const [only, ...others] = gone.map(({ Name }) => Name);
  const question =
    only !== undefined && others.length === 0
      ? msg("Remove the volume {name}?", { name: only.slice(0, 20) })
      : msg("Remove {count} volumes?", { count: gone.length });
  const detail = msg("The files in them are lost: {names}", {
    names: gone.map(({ Name }) => Name.slice(0, 20)).join(", "),
  });
  if (!(await services.ui.confirm(question, detail, msg("Remove")))) return;
  const filters = choice === "all" ? { all: ["true"] } : {};
  const { SpaceReclaimed = 0 } = await docker.pruneVolumes({ filters: JSON.stringify(filters) });
  services.ui.info(
    msg("Volumes removed: {count}. Freed: {size}.", { count: gone.length, size: formatBytes(SpaceReclaimed) }),
  );
}

async function pick({ engines, ui }: Services): Promise<readonly VolumeNode[]> {
  const { docker } = await engines.connection();
  const { Volumes } = await docker.listVolumes();
  const nodes = volumeNodes(Volumes, await docker.listContainers({ all: true }), {
    nowMs: Date.now(),
    translate: ui.text,
  });
  if (nodes.length === 0) {
    ui.info(msg("There is no volume yet: Create Volume makes one."));
    return [];
  }
  const node = await ui.pick(
    nodes.map((value) => ({ label: value.label, description: value.description ?? "", value })),
    msg("Which volume shall be removed?"),
  );
  return node ? [node] : [];
}

function names(nodes: readonly VolumeNode[]): string {
  return nodes.map(({ label }) => label).join(", ");
}
