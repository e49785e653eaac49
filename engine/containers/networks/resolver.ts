import type { CreateOptions } from "../types.ts";

/** Where the container's monitor answers. */
export const namesAddress = "127.0.0.11";

/**
 * A container's resolv.conf: what was asked for with --dns and its sisters, over what the way out has. `served`: its monitor
 * answers, and knows whom to ask for the rest.
 */
export function resolvConfOf(options: CreateOptions, outside: string, served: boolean): string {
  const { dns = [], dnsSearch = [], dnsOptions = [] } = options;
  const valuesOf = (keyword: string) =>
    [...outside.matchAll(new RegExp(`^\\s*${keyword}[ \\t]+(.*)$`, "gm"))].flatMap(([, rest = ""]) =>
      rest.trim().split(/\s+/),
    );
  const servers = served ? [namesAddress] : dns.length > 0 ? dns : valuesOf("nameserver");
  // Docker: `--dns-search .` takes the host's domains away.
  const search = dnsSearch.length > 0 ? dnsSearch.filter((domain) => domain !== ".") : valuesOf("search").slice(0, 32);
  const settings = dnsOptions.length > 0 ? dnsOptions : valuesOf("options");
  // A name without a dot is a container's, before it is anything else.
  const withDots =
    served && !settings.some((option) => option.startsWith("ndots:")) ? [...settings, "ndots:0"] : settings;
  return [
    ...servers.map((server) => `nameserver ${server}`),
    ...(search.length > 0 ? [`search ${search.join(" ")}`] : []),
    ...(withDots.length > 0 ? [`options ${withDots.join(" ")}`] : []),
    "",
  ].join("\n");
}
