import { flagsOf, hasFlag } from "../shell/arguments.ts";
import type { Command, ShellWord } from "../shell/model.ts";
import { contextCopies } from "./copies.ts";
import type { InstructionView, ProjectView, StageView } from "./views.ts";

/** Files that an instruction put into its layer: which paths those are, as far as its words say. */
export interface Added {
  readonly view: InstructionView;
  /** A full path without a slash at its end. */
  readonly path: string;
}

/** An absolute path without `.`, `..` and slashes at its end; undefined when the folder is not known or words expand. */
export function fullPath(text: string, folder: string | undefined): string | undefined {
  if (/[$*?[{~`]/.test(text) || text === "") return undefined;
  const whole = text.startsWith("/") ? text : folder?.startsWith("/") ? `${folder}/${text}` : undefined;
  if (whole === undefined || /[$]/.test(whole)) return undefined;
  const parts: string[] = [];
  for (const part of whole.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** Files and folders that a COPY or ADD of the context, or of an address, names at their destination. */
export function copiedPaths(stage: StageView): readonly Added[] {
  const views = new Map(stage.only("COPY", "ADD").map((view) => [view.instruction, view]));
  return contextCopies(stage.stage).flatMap((copy) => {
    const view = views.get(copy.instruction);
    const to = fullPath(copy.destination, stage.workdirAt(copy.instruction) ?? "/");
    if (!view || to === undefined) return [];
    const isFolder = /(?:\/|^\.{1,2})$/.test(copy.destination) || copy.sources.length > 1;
    return copy.sources.flatMap((source) => {
      // ADD unpacks an archive of the context: the archive itself is never in the image.
      if (view.keyword === "ADD" && /\.(?:tar(?:\.\w+)?|tgz|tbz2?|txz|tzst)$/.test(source) && !/^\w+:/.test(source))
        return [];
      if (/[$*?[{]/.test(source) || /^\.?\/?$/.test(source)) return [];
      const base = source.replace(/\/+$/, "").replace(/^.*\//, "");
      return [{ view, path: isFolder ? `${to === "/" ? "" : to}/${base}` : to }];
    });
  });
}

/** Below the folder to which everything is copied, what the context has is copied too. */
export function isInWholeCopy(path: string, to: string, project: ProjectView): boolean {
  const prefix = to === "/" ? "/" : `${to}/`;
  if (!path.startsWith(prefix)) return false;
  const inside = path.slice(prefix.length);
  return inside !== "" && project.exists(inside) === true && !project.ignores(inside);
}

const outputFlags: Readonly<Record<string, readonly string[]>> = {
  curl: ["-o", "--output"],
  wget: ["-O", "--output-document"],
};

/** The file that curl or wget writes: named by a flag, or by the end of the address. */
export function downloadedPath(command: Command, folder: string | undefined): string | undefined {
  const flags = outputFlags[command.name];
  if (!flags) return undefined;
  const { operands, flags: given } = flagsOf(command, {
    valued: [...flags, "-H", "-u", "-d", "-P", "-A", "-e", "--header"],
  });
  const named = given.find(({ name }) => flags.includes(name))?.value;
  if (named !== undefined) return named === "-" ? undefined : fullPath(named, folder);
  const isNamedByAddress = command.name === "wget" ? !hasFlag(command, "-P") : hasFlag(command, "-O", "--remote-name");
  const address = operands.find(({ text }) => /^(?:https?|ftp):/.test(text))?.text;
  const base = address && /\/([^/?#]+)$/.exec(address)?.[1];
  return isNamedByAddress && base ? fullPath(base, folder) : undefined;
}

/** What `rm` takes away, with the paths that it names. */
export function removedPaths(
  command: Command,
  folder: string | undefined,
): readonly { word: ShellWord; path: string }[] {
  if (command.name !== "rm") return [];
  return flagsOf(command).operands.flatMap((word) => {
    const path = fullPath(word.text.replace(/\/\*$/, ""), folder);
    return path === undefined || path === "/" ? [] : [{ word, path }];
  });
}
