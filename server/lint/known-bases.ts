import { inherited } from "./inherited.ts";
import type { BaseView, StageView } from "./views.ts";

/** The image at the bottom of the stages that this one is built from. */
export const rootBase = inherited<BaseView>((stage, above) => above ?? stage.base);

/** Is the working folder of the stage's image known to be `/`? Others may set their own. */
export function startsInRoot(view: StageView): boolean {
  return isOfficial(rootBase(view), rootImages);
}

const rootImages = new Set(
  "node python ruby debian ubuntu alpine rust fedora openjdk eclipse-temurin nginx busybox".split(" "),
);

function isOfficial({ registry, repository }: BaseView, names: ReadonlySet<string>): boolean {
  const isHub = registry === undefined || registry === "docker.io";
  return isHub && repository !== undefined && names.has(repository.replace(/^library\//, ""));
}

/** Images that come without curl and without wget, unless something installs them; busybox has a wget. */
export function lacksTool(tool: "curl" | "wget", base: BaseView): boolean {
  const { kind, repository = "", tag = "" } = base;
  if (kind === "scratch") return true;
  if (kind !== "image" || base.resolved === undefined) return false;
  if (/(?:^|\/)distroless\//.test(`${base.registry ?? ""}/${repository}`) && !/debug/.test(tag)) return true;
  if (!isOfficial(base, withVariants)) return false;
  const name = repository.replace(/^library\//, "");
  const isAlpine = name === "alpine" || /alpine/.test(tag);
  if (isAlpine) return tool === "curl" && plainAlpine.has(name);
  const isSlim = /(?:^|-)slim\b/.test(tag) && plainSlim.has(name);
  return isSlim || name === "debian" || name === "ubuntu";
}

const withVariants = new Set("alpine debian ubuntu node python golang rust".split(" "));
const plainAlpine = new Set("alpine node python golang rust".split(" "));
const plainSlim = new Set("debian node python rust".split(" "));
