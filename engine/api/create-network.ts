import type { EndpointOptions, PortMapping } from "../containers/types.ts";
import { conflictingOptions } from "./create-errors.ts";
import { badField } from "./errors.ts";
import { compact, type Fields, fieldsOf } from "./fields.ts";

/** `80` → `80/tcp`. @throws EngineError `invalid-argument` */
export function normalPort(text: string): string {
  const { port, protocol } = parsePort(text);
  return `${port}/${protocol}`;
}

function parsePort(text: string): { readonly port: number; readonly protocol: "tcp" | "udp" } {
  const match = /^(\d{1,5})(?:\/(tcp|udp))?$/i.exec(text);
  const port = Number(match?.[1]);
  if (!match || port < 1 || port > 65535) throw badField(`port "${text}"`, "like 80/tcp");
  return { port, protocol: match[2]?.toLowerCase() === "udp" ? "udp" : "tcp" };
}

export function portBindings(bindings: Fields): PortMapping[] {
  return bindings.keys().flatMap((key) => {
    const { port, protocol } = parsePort(key);
    const wanted = bindings.objects(key);
    const targets = wanted.length > 0 ? wanted : [fieldsOf({})];
    return targets.map((target) => {
      const text = target.text("HostPort") ?? "";
      const hostPort = text === "" ? 0 : Number(text);
      if (!/^\d{0,5}$/.test(text) || hostPort > 65535) throw badField(`HostPort "${text}"`, "a port number");
      return { containerPort: port, protocol, hostIp: target.text("HostIp") ?? "", hostPort };
    });
  });
}

/** Undefined for the default network. */
export function networkMode(config: Fields, host: Fields): string | undefined {
  if (config.flag("NetworkDisabled")) return "none";
  const mode = host.text("NetworkMode") ?? "";
  return ["", "default", "bridge"].includes(mode) ? undefined : mode;
}

/** What was asked of each network. @throws EngineError `invalid-argument` for what its kind of network cannot have */
export function parseEndpoints(
  config: Fields,
  host: Fields,
  networking: Fields,
): Readonly<Record<string, EndpointOptions>> | undefined {
  const mode = networkMode(config, host) ?? "bridge";
  const wanted = networking.object("EndpointsConfig");
  const endpoints = new Map<string, EndpointOptions>();
  for (const key of wanted.keys()) {
    endpoints.set(key === "default" ? "bridge" : key, endpointOptions(wanted.object(key)));
  }
  const links = host.list("Links") ?? [];
  const macAddress = config.text("MacAddress") || undefined;
  if (links.length > 0 || macAddress !== undefined) {
    const own = endpoints.get(mode) ?? {};
    const all = [...(own.links ?? []), ...links.filter((link) => !own.links?.includes(link))];
    endpoints.set(
      mode,
      compact({ ...own, links: all.length > 0 ? all : undefined, macAddress: own.macAddress ?? macAddress }),
    );
  }
  checkShared(mode, config, host, links.length > 0, macAddress !== undefined);
  if (["host", "none"].includes(mode) || mode.startsWith("container:")) return undefined;
  return endpoints.size > 0 ? Object.fromEntries(endpoints) : undefined;
}

/** Also the body of `POST /networks/{id}/connect`. */
export function endpointOptions(endpoint: Fields): EndpointOptions {
  const addresses = endpoint.object("IPAMConfig");
  return compact({
    aliases: nonEmpty(endpoint.list("Aliases")),
    ipv4: addresses.text("IPv4Address") || undefined,
    ipv6: addresses.text("IPv6Address") || undefined,
    macAddress: endpoint.text("MacAddress") || undefined,
    links: nonEmpty(endpoint.list("Links")),
  });
}

/** What belongs to a network namespace cannot be asked of one that is another's. */
function checkShared(mode: string, config: Fields, host: Fields, links: boolean, mac: boolean): void {
  if (mode === "host" && links) throw conflictingOptions("host type networking", "links");
  if (!mode.startsWith("container:")) return;
  const clash = (other: string) => conflictingOptions(other, "the network mode");
  if (mode === "container:") throw badField("NetworkMode", "container:<name or id>");
  if (config.text("Hostname")) throw clash("hostname");
  if (links) throw clash("links");
  if (host.list("Dns")?.length) throw clash("dns");
  if (host.list("ExtraHosts")?.length) throw clash("custom host-to-IP mapping");
  if (mac) throw clash("mac-address");
  if (host.object("PortBindings").keys().length > 0 || host.flag("PublishAllPorts")) throw clash("port publishing");
  if (config.object("ExposedPorts").keys().length > 0) throw clash("port exposing");
}

function nonEmpty<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list && list.length > 0 ? list : undefined;
}
