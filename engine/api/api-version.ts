import { versionTooNew, versionTooOld } from "./errors.ts";

/** Docker 20.10 and newer clients; 1.50 is what Docker 28.2 speaks. */
export const minApiVersion = "1.41";
export const maxApiVersion = "1.50";

const prefix = /^\/v(\d+)\.(\d+)(?=\/)/;

/**
 * Splits `/v1.44/images/json`. Without a prefix the newest version is meant. `minor` is the part after `1.`, what
 * handlers compare with.
 * @throws EngineError `invalid-argument` in Docker's words for versions that are not spoken.
 */
export function splitVersion(path: string): { readonly path: string; readonly minor: number } {
  const match = prefix.exec(path);
  if (!match) return { path, minor: minorOf(maxApiVersion) };
  const [whole, major = "", minorText = ""] = match;
  const version = `${major}.${minorText}`;
  const minor = Number(minorText);
  if (Number(major) < 1 || (major === "1" && minor < minorOf(minApiVersion)))
    throw versionTooOld(version, minApiVersion);
  if (Number(major) > 1 || minor > minorOf(maxApiVersion)) throw versionTooNew(version, maxApiVersion);
  return { path: path.slice(whole.length), minor };
}

function minorOf(version: string): number {
  return Number(version.split(".")[1]);
}
