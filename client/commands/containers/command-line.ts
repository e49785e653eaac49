import type { ContainerInspectInfo, ImageInspectInfo } from "dockerode";
import { quoteWord } from "../../ui/shell-words.ts";
import { recreateOptions } from "./recreate.ts";

type Info = Parameters<typeof recreateOptions>[0];

/** `docker run …` that would make such a container: only what the image has not said itself. */
export function runCommandLine(
  info: Info & Pick<ContainerInspectInfo, "Name">,
  image: ImageInspectInfo["Config"] | undefined,
): string {
  const options = recreateOptions(info, image, info.Config.Image);
  const { HostConfig: host = {} } = options;
  const args: string[] = ["docker", "run"];
  const flag = (name: string, ...values: readonly (string | number | undefined)[]) => {
    for (const value of values) if (value !== undefined && value !== "") args.push(name, quoteWord(String(value)));
  };
  if (options.Tty || options.OpenStdin) args.push(`-${options.OpenStdin ? "i" : ""}${options.Tty ? "t" : ""}`);
  else args.push("-d");
  if (host.AutoRemove) args.push("--rm");
  flag("--name", options.name);
  for (const [port, bindings] of Object.entries(
    (host.PortBindings ?? {}) as Record<string, { HostIp?: string; HostPort?: string }[]>,
  )) {
    for (const { HostIp, HostPort } of bindings ?? []) {
      const at = [HostIp && HostIp !== "0.0.0.0" ? HostIp : "", HostPort ?? "", port.replace(/\/tcp$/, "")];
      flag("-p", at.filter((part, index) => part !== "" || index === 2).join(":"));
    }
  }
  if (host.PublishAllPorts) args.push("-P");
  flag("-v", ...(host.Binds ?? []));
  for (const { Type, Source, Target, ReadOnly } of host.Mounts ?? []) {
    flag(
      "--mount",
      [
        `type=${Type}`,
        ...(Source ? [`source=${Source}`] : []),
        `target=${Target}`,
        ...(ReadOnly ? ["readonly"] : []),
      ].join(","),
    );
  }
  for (const [target, text] of Object.entries(host.Tmpfs ?? {})) flag("--tmpfs", text ? `${target}:${text}` : target);
  flag("-e", ...(options.Env ?? []));
  for (const [name, value] of Object.entries(options.Labels ?? {})) flag("--label", `${name}=${value}`);
  if (host.NetworkMode && !["default", "bridge"].includes(host.NetworkMode)) flag("--network", host.NetworkMode);
  const restart = host.RestartPolicy;
  if (restart?.Name && restart.Name !== "no") {
    flag("--restart", restart.MaximumRetryCount ? `${restart.Name}:${restart.MaximumRetryCount}` : restart.Name);
  }
  if (host.Init) args.push("--init");
  if (host.Privileged) args.push("--privileged");
  if (host.ReadonlyRootfs) args.push("--read-only");
  flag("--cap-add", ...(host.CapAdd ?? []));
  flag("--cap-drop", ...(host.CapDrop ?? []));
  flag("--security-opt", ...(host.SecurityOpt ?? []));
  flag("--add-host", ...(host.ExtraHosts ?? []));
  flag("--dns", ...(host.Dns ?? []));
  if (host.Memory) flag("--memory", host.Memory);
  if (host.NanoCpus) flag("--cpus", host.NanoCpus / 1e9);
  if (host.PidsLimit && host.PidsLimit > 0) flag("--pids-limit", host.PidsLimit);
  flag("--user", options.User);
  flag("--workdir", options.WorkingDir);
  flag("--hostname", options.Hostname);
  const [entrypoint, ...entryArgs] = [options.Entrypoint ?? []].flat();
  flag("--entrypoint", entrypoint);
  const command = [...entryArgs, ...(options.Cmd ?? [])].map(quoteWord);
  return [...args, quoteWord(info.Config.Image), ...command].join(" ");
}
