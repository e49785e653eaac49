import { formatPlatform } from "../oci/platform.ts";
import type { Platform } from "../oci/types.ts";

/** Arguments that are there without being declared, in FROM; in a stage only behind `ARG NAME`. */
export function automaticArguments(target: Platform, build: Platform, targetStage: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const [prefix, platform] of [
    ["BUILD", build],
    ["TARGET", target],
  ] as const) {
    values.set(`${prefix}PLATFORM`, formatPlatform(platform));
    values.set(`${prefix}OS`, platform.os);
    values.set(`${prefix}OSVERSION`, platform["os.version"] ?? "");
    values.set(`${prefix}ARCH`, platform.architecture);
    values.set(`${prefix}VARIANT`, platform.variant ?? "");
  }
  values.set("TARGETSTAGE", targetStage);
  return values;
}

const proxies = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"];

/** Build arguments that reach RUN without ARG, in upper and lower case, and never the cache key. */
export function proxyEnvironment(
  buildArgs: ReadonlyMap<string, string>,
  declared: ReadonlyMap<string, string>,
): string[] {
  const environment: string[] = [];
  for (const upper of proxies) {
    const lower = upper.toLowerCase();
    const value = buildArgs.get(upper) ?? buildArgs.get(lower);
    if (value === undefined) continue;
    for (const name of [upper, lower]) if (!declared.has(name)) environment.push(`${name}=${value}`);
  }
  return environment;
}
