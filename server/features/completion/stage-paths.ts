import type { Instruction } from "../../../engine/analysis.ts";
import type { ProjectEntry, ProjectView, StageView } from "../../lint/views.ts";
import type { Command } from "../../shell/model.ts";
import { entryOffers } from "./context-paths.ts";
import type { Offer, Offers } from "./offer.ts";
import type { Place } from "./place.ts";

/** Where a stage has a copy of what is in a folder of the context. */
interface Copied {
  readonly target: string;
  readonly folder: string;
}

interface Known {
  /** Absolute paths; folders end with `/`. */
  readonly paths: ReadonlySet<string>;
  readonly copies: readonly Copied[];
  /** Below everything. */
  readonly image?: string;
}

/** What can be told of the files of a stage or an image, for COPY --from. */
export function stageFileOffers(place: Place, from: string, typed: string): Offers | undefined {
  const { analysis, stage } = place;
  const isNumber = /^\d+$/.test(from);
  const view = isNumber ? analysis.views.stages[Number(from)] : analysis.views.stageNamed(from);
  if (!view) return isNumber || from.includes("$") ? undefined : imageFileOffers(place, from, typed);
  if (stage && view.index >= stage.index) return undefined;
  const { paths, copies, image } = read(view);
  const slash = typed.lastIndexOf("/");
  const folder = folderOf(typed);
  const entries = new Map<string, ProjectEntry>();
  for (const path of [...paths].reverse()) {
    if (!path.startsWith(folder)) continue;
    const [name = "", ...more] = path.slice(folder.length).split("/");
    if (name !== "") entries.set(name, { name, isFolder: more.length > 0 || entries.get(name)?.isFolder === true });
  }
  for (const copied of copies) {
    if (!folder.startsWith(copied.target)) continue;
    const below = copied.folder + folder.slice(copied.target.length);
    for (const entry of analysis.project.list(below) ?? [])
      if (!entries.has(entry.name)) entries.set(entry.name, entry);
  }
  const base = image === undefined ? undefined : imageFileOffers(place, image, typed);
  const wants = base?.wants && { wants: base.wants, isIncomplete: true };
  if (slash >= 0) {
    const offers = entryOffers([...entries.values()], typed.slice(slash + 1));
    // The stage's own files first: an entry of the same name is taken once.
    return { ...offers, offers: [...offers.offers, ...(base?.offers ?? [])], ...wants };
  }
  // The whole of what matters is a better start than the root's folders.
  const wholes = [...paths]
    .reverse()
    .sort((a, b) => depth(b) - depth(a))
    .slice(0, 20);
  return {
    typed,
    tail: /^[^\s,"]*/,
    offers: [
      ...wholes.map(
        (label): Offer => ({
          label,
          kind: label.endsWith("/") ? "Folder" : "File",
          again: label.endsWith("/"),
        }),
      ),
      ...(base?.offers ?? []),
    ],
    ...wants,
  };
}

/** What the engine says of an image's files, in the folder that was typed so far. */
function imageFileOffers({ images }: Place, image: string, typed: string): Offers {
  const folder = folderOf(typed);
  const entries = images.files(image, folder);
  const wants = entries === undefined && { wants: { files: { image, folder } }, isIncomplete: true };
  const slash = typed.lastIndexOf("/");
  if (slash >= 0) return { ...entryOffers(entries ?? [], typed.slice(slash + 1)), ...wants };
  // A path from the root is clearer than one that happens to begin there.
  const { offers } = entryOffers(entries ?? [], typed);
  const rooted = offers.map(
    ({ label, insert = label, ...offer }): Offer => ({
      ...offer,
      label: `/${label}`,
      insert: `/${insert}`,
      filter: `/${label}`,
    }),
  );
  return { typed, tail: /^[^\s,"]*/, offers: rooted, ...wants };
}

function folderOf(typed: string): string {
  return absolute("/", typed.slice(0, typed.lastIndexOf("/") + 1) || "/");
}

const leaving = /\b(?:npm|pnpm|yarn|bun|go|cargo|mvnw?|gradlew?|dotnet|composer|uv|python3?|mkdir|curl|wget)\b/;

/** What the stages that it is built from left, and its own steps. */
function read(view: StageView): Known {
  const chain: StageView[] = [];
  for (let one: StageView | undefined = view; one && chain.length < 50; one = one.parent) chain.unshift(one);
  const paths = new Set<string>();
  const copies: Copied[] = [];
  for (const stage of chain) {
    for (const one of stage.instructions) {
      const { instruction, keyword } = one;
      const workdir = withSlash(stage.workdirAt(instruction) ?? "/");
      if (keyword === "WORKDIR" && !instruction.rest.text.includes("$"))
        paths.add(withSlash(absolute(workdir, instruction.rest.text.trim())));
      else if (keyword === "COPY" || keyword === "ADD") readCopy(instruction, workdir, stage.project, paths, copies);
      else if (keyword === "RUN" && (leaving.test(instruction.rest.text) || instruction.heredocs.length > 0))
        for (const command of one.script.commands)
          for (const path of outputsOf(command)) paths.add(absolute(workdir, path));
    }
  }
  const { kind, resolved } = chain[0]?.base ?? view.base;
  return { paths, copies, ...(kind === "image" && resolved !== undefined && { image: resolved }) };
}

function readCopy(
  instruction: Instruction,
  workdir: string,
  project: ProjectView,
  paths: Set<string>,
  copies: Copied[],
): void {
  const words =
    instruction.json?.map(({ value }) => value) ?? instruction.words.map(({ text }) => text.replace(/^"|"$/g, ""));
  const written = words.at(-1);
  if (written === undefined || words.length < 2 || written.includes("$")) return;
  const isOther = instruction.flags.some(({ name }) => name === "from");
  const target = absolute(workdir, written);
  const sources = words.slice(0, -1).filter((source) => !source.includes("$") && !source.includes("://"));
  for (const source of sources) {
    const clean = source.replace(/^(?:\.?\/)+/, "").replace(/\/+$/, "");
    const isFolder = !isOther && (clean === "" || clean === "." || project.list(clean) !== undefined);
    if (isFolder) {
      paths.add(withSlash(target));
      copies.push({ target: withSlash(target), folder: clean === "" || clean === "." ? "" : `${clean}/` });
    } else if (/[*?[]/.test(clean)) paths.add(withSlash(target));
    else
      paths.add(
        /\/$|\/\.$/.test(written) || written === "." || sources.length > 1
          ? withSlash(target) + clean.slice(clean.lastIndexOf("/") + 1)
          : target,
      );
  }
}

/** What well-known commands leave behind, relative to the working folder. */
function outputsOf({ name, args }: Command): readonly string[] {
  const words = args.filter(({ constant }) => constant).map(({ text }) => text);
  const [verb, script] = words.filter((word) => !word.startsWith("-"));
  const after = (...flags: readonly string[]) => {
    const at = words.findIndex((word) => flags.includes(word));
    return at >= 0 && words[at + 1] !== undefined ? [words[at + 1] as string] : [];
  };
  switch (name) {
    case "npm":
    case "pnpm":
    case "yarn":
    case "bun":
      if (verb === "run" && script?.startsWith("build")) return ["build/", "dist/"];
      return verb === undefined || /^(?:ci|i|install|add)$/.test(verb)
        ? ["node_modules/"]
        : verb === "build"
          ? ["build/", "dist/"]
          : [];
    case "go":
      return verb === "build" ? after("-o") : [];
    case "cargo":
      return verb === "build" ? [words.includes("--release") ? "target/release/" : "target/debug/"] : [];
    case "mvn":
    case "mvnw":
      return words.some((word) => /^(?:package|verify|install)$/.test(word)) ? ["target/"] : [];
    case "gradle":
    case "gradlew":
      return ["build/libs/"];
    case "dotnet":
      return verb === "publish" ? after("-o", "--output").map(withSlash) : [];
    case "composer":
      return verb === "install" ? ["vendor/"] : [];
    case "uv":
      return verb === "sync" || verb === "venv" ? [".venv/"] : [];
    case "python":
    case "python3":
      return words[0] === "-m" && words[1] === "venv" && words[2] !== undefined ? [withSlash(words[2])] : [];
    case "mkdir":
      return words.filter((word) => !word.startsWith("-")).map(withSlash);
    case "curl":
    case "wget":
      return after("-o", "-O", "--output").filter((path) => path !== "-");
    default:
      return [];
  }
}

/** A path without `.` and `..`; a slash at its end stays. */
function absolute(folder: string, path: string): string {
  const whole = path.startsWith("/") ? path : `${folder}/${path}`;
  const parts: string[] = [];
  for (const part of whole.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  const end = /(?:^|\/)\.{0,2}$/.test(path) && parts.length > 0 ? "/" : "";
  return `/${parts.join("/")}${end}`;
}

function withSlash(path: string): string {
  return path.endsWith("/") ? path : `${path}/`;
}

function depth(path: string): number {
  return path.replace(/\/$/, "").split("/").length;
}
