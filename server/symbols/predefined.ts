/** Arguments that the builder gives; in a stage only behind `ARG NAME`. */
export const automaticNames: ReadonlySet<string> = new Set([
  ...["BUILD", "TARGET"].flatMap((side) =>
    ["PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT"].map((part) => `${side}${part}`),
  ),
  "TARGETSTAGE",
]);

const known =
  /^(?:(?:HTTPS?|FTP|NO|ALL)_PROXY|(?:https?|ftp|no|all)_proxy|BUILDKIT_\w+|SOURCE_DATE_EPOCH|PATH|HOME|HOSTNAME|PWD|IFS|TERM)$/;

/** Its name means something to the builder or to every shell: under another name it would be another variable. */
export function isPredefined(name: string): boolean {
  return automaticNames.has(name) || known.test(name);
}
