import type { Container, ContainerMount } from "../types.ts";
import { volumesOf } from "./settle-mounts.ts";
import type { Volumes } from "./types.ts";

/** Makes the volumes that a new container mounts, and gives names to those of its own. All or none of its own stay. */
export async function makeVolumes(
  volumes: Volumes,
  mounts: readonly ContainerMount[],
): Promise<{ readonly mounts: readonly ContainerMount[]; undo(): Promise<void> }> {
  const own: string[] = [];
  const undo = async () => {
    for (const name of own) await volumes.remove(name, { force: true, users: [] });
  };
  const named: ContainerMount[] = [];
  try {
    for (const mount of mounts) {
      if (mount.type !== "volume") {
        named.push(mount);
        continue;
      }
      const { labels, driverOptions: options } = mount;
      const wish = { ...(labels ? { labels } : {}), ...(options ? { options } : {}) };
      if (mount.source !== "") {
        await volumes.create({ ...wish, name: mount.source });
        named.push(mount);
        continue;
      }
      const { name } = await volumes.create({ ...wish, anonymous: true });
      own.push(name);
      named.push({ ...mount, source: name });
    }
  } catch (error) {
    await undo();
    throw error;
  }
  return { mounts: named, undo };
}

/** Containers that mount a volume, whether they run or not. */
export function usersOfVolume(containers: readonly Container[], name: string): readonly Container[] {
  return containers.filter((container) => volumesOf(container).some(({ source }) => source === name));
}

/** Removes what was a container's alone. `others`: without the container. */
export async function dropOwnVolumes(
  volumes: Volumes,
  container: Container,
  others: readonly Container[],
): Promise<void> {
  for (const { source, anonymous } of volumesOf(container)) {
    if (!anonymous || usersOfVolume(others, source).length > 0) continue;
    // Of one that cannot be removed nothing is lost: it is in the list of volumes.
    await volumes.remove(source, { force: true, users: [] }).catch(() => {});
  }
}
