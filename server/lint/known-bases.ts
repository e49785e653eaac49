import { officialName } from "./image-names.ts";
import { inherited } from "./inherited.ts";
import type { BaseView, StageView } from "./views.ts";

/** The image at the bottom of the stages that this one is built from. */
export const rootBase = inherited<BaseView>((stage, above) => above ?? stage.base);

/** Is the working folder of the stage's image known to be `/`? Others may set their own. */
export function startsInRoot(view: StageView): boolean {
  return rootImages.has(officialName(rootBase(view)) ?? "");
}

const rootImages = new Set(
  "node python ruby debian ubuntu alpine rust fedora openjdk eclipse-temurin nginx busybox".split(" "),
);

/** The working folder of images that have one in which their server looks for files. */
export function ownFolder(view: StageView): string | undefined {
  const base = rootBase(view);
  const { tag = "" } = base;
  const name = officialName(base) ?? "";
  if (name === "php" && !/(?:^|-)(?:apache|fpm)(?:-|$)/.test(tag)) return undefined;
  return /builder|windows|nanoserver/.test(tag) ? undefined : ownFolders.get(name);
}

const ownFolders = new Map([
  ...["php", "wordpress", "nextcloud"].map((name) => [name, "/var/www/html"] as const),
  ["httpd", "/usr/local/apache2"],
  ["tomcat", "/usr/local/tomcat"],
  ["caddy", "/srv"],
]);

/** Images that come without curl and without wget, unless something installs them; busybox has a wget. */
export function lacksTool(tool: "curl" | "wget", base: BaseView): boolean {
  const { kind, registry, repository, tag = "" } = base;
  if (kind === "scratch") return true;
  if (/(?:^|\/)distroless\//.test(`${registry}/${repository}`) && !/debug/.test(tag)) return true;
  const name = officialName(base) ?? "";
  if (name === "alpine" || /alpine/.test(tag)) return tool === "curl" && plainAlpine.has(name);
  return name === "debian" || name === "ubuntu" || (/(?:^|-)slim\b/.test(tag) && plainSlim.has(name));
}

/** Images of which it is known that they come without /bin/sh; of distroless ones Python's had it for years. */
export function lacksShell({ kind, text, registry, repository = "", tag = "", digest }: BaseView): boolean {
  // Another image may be given to a build for a variable.
  if (text.includes("$")) return false;
  if (kind === "scratch") return true;
  const isDistroless = registry === "gcr.io" && /^distroless\/(?!python)/.test(repository);
  return isDistroless && !/debug/.test(tag) && (tag !== "" || digest === undefined);
}

const plainAlpine = new Set("alpine node python golang rust".split(" "));
const plainSlim = new Set("node python rust".split(" "));
