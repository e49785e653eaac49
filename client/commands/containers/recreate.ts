import type Docker from "dockerode";
import type { ContainerCreateOptions, ContainerInspectInfo, ImageInspectInfo } from "dockerode";

type Config = ContainerInspectInfo["Config"];
type ImageConfig = ImageInspectInfo["Config"];

/**
 * What makes a container just like this one from another version of its image: what somebody chose stays, what came from the old image
 * comes from the new one.
 */
export function recreateOptions(
  container: Pick<ContainerInspectInfo, "Id" | "Name" | "Config" | "HostConfig" | "NetworkSettings">,
  oldImage: ImageConfig | undefined,
  image: string,
): ContainerCreateOptions {
  const { Config: config, HostConfig } = container;
  const endpoints = Object.entries(container.NetworkSettings.Networks ?? {});
  return {
    ...own(config, oldImage),
    name: container.Name.replace(/^\//, ""),
    Image: image,
    HostConfig,
    ...(endpoints.length > 0 && {
      NetworkingConfig: {
        EndpointsConfig: Object.fromEntries(
          endpoints.map(([network, endpoint]) => [
            network,
            {
              ...(endpoint.IPAMConfig ? { IPAMConfig: endpoint.IPAMConfig } : {}),
              ...(endpoint.Links ? { Links: endpoint.Links } : {}),
              // Docker adds the short id by itself, and it will be another one.
              Aliases: (endpoint.Aliases ?? []).filter((alias: string) => !container.Id.startsWith(alias)),
            },
          ]),
        ),
      },
    }),
    ...(config.Hostname && !container.Id.startsWith(config.Hostname) ? { Hostname: config.Hostname } : {}),
  };
}

/** Of the configuration only what the image has not said. */
function own(config: Config, image: ImageConfig | undefined): ContainerCreateOptions {
  const differs = (mine: unknown, theirs: unknown) => JSON.stringify(mine ?? null) !== JSON.stringify(theirs ?? null);
  const imageEnv = new Set(image?.Env ?? []);
  const labels = Object.entries(config.Labels ?? {}).filter(([name, value]) => image?.Labels?.[name] !== value);
  const ports = Object.keys(config.ExposedPorts ?? {}).filter((port) => !(port in (image?.ExposedPorts ?? {})));
  return {
    Env: (config.Env ?? []).filter((entry) => !imageEnv.has(entry)),
    Labels: Object.fromEntries(labels),
    ExposedPorts: Object.fromEntries(ports.map((port) => [port, {}])),
    Tty: config.Tty,
    OpenStdin: config.OpenStdin,
    StdinOnce: config.StdinOnce,
    AttachStdin: config.AttachStdin,
    AttachStdout: config.AttachStdout,
    AttachStderr: config.AttachStderr,
    ...(differs(config.Cmd, image?.Cmd) && config.Cmd ? { Cmd: config.Cmd } : {}),
    ...(differs(config.Entrypoint, image?.Entrypoint) && config.Entrypoint ? { Entrypoint: config.Entrypoint } : {}),
    ...(differs(config.User, image?.User) && config.User ? { User: config.User } : {}),
    ...(differs(config.WorkingDir, image?.WorkingDir) && config.WorkingDir ? { WorkingDir: config.WorkingDir } : {}),
  };
}

/**
 * Puts a container of the image in the place of this one: same name, same settings, running if it ran. When the new one cannot
 * start, the old one is back as it was.
 */
export async function recreate(docker: Docker, id: string, image: string): Promise<string> {
  const old = docker.getContainer(id);
  const info = await old.inspect();
  const oldImage = await docker
    .getImage(info.Image)
    .inspect()
    .then(
      ({ Config }) => Config,
      // It has lost its last name and was removed: then everything counts as chosen.
      () => undefined,
    );
  const options = recreateOptions(info, oldImage, image);
  const { name } = options;
  const ran = info.State.Running;
  if (ran) await old.stop();
  await old.rename({ name: `${name}-before-${info.Id.slice(0, 6)}` });
  let fresh: Docker.Container | undefined;
  try {
    fresh = await docker.createContainer(options);
    if (ran) await fresh.start();
  } catch (error) {
    await fresh?.remove({ force: true }).catch(() => {});
    await old.rename({ name: name ?? info.Id.slice(0, 12) });
    if (ran) await old.start();
    throw error;
  }
  await old.remove({ force: true }).catch(() => {});
  return fresh.id;
}
