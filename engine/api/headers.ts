import { version } from "../base/version.ts";
import { maxApiVersion } from "./api-version.ts";

/** On every answer, as Docker does; clients negotiate from the ones of `_ping`. `Builder-Version: 1` is the classic builder. */
export const responseHeaders: Readonly<Record<string, string>> = {
  "Api-Version": maxApiVersion,
  "Builder-Version": "1",
  "Docker-Experimental": "false",
  OSType: "linux",
  Server: `Drydock/${version} (linux)`,
};
