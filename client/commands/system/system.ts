import { msg } from "../../../engine/base/message.ts";
import type { Services } from "../../services.ts";
import { formatBytes } from "../../ui/format.ts";

interface DiskUse {
  readonly LayersSize?: number;
  readonly Images?: readonly { readonly Size: number; readonly Containers: number }[];
  readonly Containers?: readonly { readonly SizeRw?: number; readonly State: string }[];
  readonly Volumes?: readonly { readonly UsageData?: { readonly Size: number; readonly RefCount: number } }[];
  readonly BuildCache?: readonly { readonly Size: number; readonly InUse: boolean }[];
}

/** What the engine keeps and how much of it nobody needs; each part can be cleaned. */
export async function showDiskUse(services: Services): Promise<void> {
  const { docker } = await services.engines.connection();
  const use = (await services.ui.whileWaiting(msg("Measuring"), () => docker.df())) as DiskUse;
  const sum = (sizes: readonly (number | undefined)[]) =>
    formatBytes(sizes.reduce<number>((all, size) => all + Math.max(0, size ?? 0), 0));
  const text = services.ui.text;
  const rows = [
    {
      label: text(msg("Images")),
      description: `${use.Images?.length ?? 0} · ${formatBytes(use.LayersSize ?? 0)}`,
      value: "drydock.images.prune",
    },
    {
      label: text(msg("Containers")),
      description: `${use.Containers?.length ?? 0} · ${sum((use.Containers ?? []).map(({ SizeRw }) => SizeRw))}`,
      value: "drydock.containers.prune",
    },
    {
      label: text(msg("Volumes")),
      description: `${use.Volumes?.length ?? 0} · ${sum((use.Volumes ?? []).map(({ UsageData }) => UsageData?.Size))}`,
      value: "drydock.volumes.prune",
    },
    {
      label: text(msg("Build cache")),
      description: `${use.BuildCache?.length ?? 0} · ${sum((use.BuildCache ?? []).map(({ Size }) => Size))}`,
      value: "drydock.system.pruneBuildCache",
    },
  ];
  const command = await services.ui.pick(rows, msg("Choose what to clean"));
  if (command) await services.ui.run(command);
}

export async function pruneBuildCache(services: Services): Promise<void> {
  const { docker } = await services.engines.connection();
  const question = msg("Remove the build cache?");
  const detail = msg("The next build of each Dockerfile does every step again. Images and containers stay.");
  if (!(await services.ui.confirm(question, detail, msg("Remove")))) return;
  const { SpaceReclaimed = 0 } = (await services.ui.whileWaiting(msg("Cleaning"), () => docker.pruneBuilder())) as {
    readonly SpaceReclaimed?: number;
  };
  services.ui.info(msg("Build cache removed, {size} freed.", { size: formatBytes(SpaceReclaimed) }));
}

/** Stopped containers, unused networks, images without a name, build cache. Volumes stay. */
export async function pruneSystem(services: Services): Promise<void> {
  const { docker } = await services.engines.connection();
  const question = msg("Remove what is not needed any more?");
  const detail = msg(
    "Stopped containers, networks that no container uses, images without a name, and the build cache. Volumes stay.",
  );
  if (!(await services.ui.confirm(question, detail, msg("Remove")))) return;
  const freed = await services.ui.whileWaiting(msg("Cleaning"), async () => {
    const answers = [
      await docker.pruneContainers(),
      await docker.pruneNetworks(),
      await docker.pruneImages(),
      (await docker.pruneBuilder()) as object,
    ];
    return answers.reduce((sum, answer) => sum + ((answer as { SpaceReclaimed?: number }).SpaceReclaimed ?? 0), 0);
  });
  services.ui.info(msg("{size} freed.", { size: formatBytes(freed) }));
}
