import { isBuildersArgument } from "../lint/known-variables.ts";

const ofShells = new Set(["PATH", "HOME", "HOSTNAME", "PWD", "IFS", "TERM"]);

/** Its name means something to the builder or to every shell: under another name it would be another variable. */
export function isPredefined(name: string): boolean {
  return isBuildersArgument(name) || ofShells.has(name);
}
