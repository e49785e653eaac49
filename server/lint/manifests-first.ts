import { msg } from "../../engine/base/message.ts";
import type { BuildFetch } from "./build-fetches.ts";
import type { ContextCopy } from "./copies.ts";
import { insertAbove, insertBelow, replace } from "./fixes.ts";
import { manifestsToCopy } from "./manifest-files.ts";
import type { Fix } from "./rule.ts";
import type { InstructionView, ProjectView } from "./views.ts";

const title = msg("Copy the dependency list first, everything else after the install");

/** Manifests, install, everything: only when nothing in between or in the RUN itself may need the sources. */
export function manifestsFirst(
  copy: ContextCopy,
  folder: string,
  between: readonly InstructionView[],
  view: InstructionView,
  project: ProjectView,
): Fix | undefined {
  const { instruction: run, installs } = view;
  const { commands } = view.script;
  const first = installs[0];
  const installing = new Set(installs.map(({ command }) => command));
  const count = commands.findIndex((command) => !installing.has(command));
  if (!first || copy.isJson || count === 0 || !installs.every(({ install }) => install.manifestsSuffice))
    return undefined;
  if (run.heredocs.length > 0 || !between.every((one) => isIndependent(one, copy))) return undefined;
  // Its manifests are in a folder that only the command's own words name.
  if (installs.some(({ install }) => !install.usesWorkingFolder && !install.manager.startsWith("pip")))
    return undefined;
  const lists = installs.map(({ install }) => manifestsToCopy(install, project, folder));
  if (lists.includes(undefined)) return undefined;
  const manifests = [...new Set(lists.flatMap((list) => list ?? []))].join(" ");
  const { instruction, destinationRange } = copy;
  const whole = `${instruction.keyword} ${flagsOf(copy)}${copy.sources.join(" ")} ${copy.destination}`;
  const manifestCopy = replace(
    { start: instruction.range.start, end: destinationRange.end },
    `COPY ${flagsOf(copy)}${manifests} ${destinationOf(copy)}`,
  );
  const next = commands[count];
  if (!next) return { title, edits: [manifestCopy, insertBelow(run, whole)] };
  const last = commands[count - 1];
  if (!last || next.before !== "&&" || run.json) return undefined;
  return {
    title,
    edits: [manifestCopy, replace({ start: last.range.end, end: next.range.start }, `\n${whole}\nRUN `)],
  };
}

/** Manifests and a step of their own that fetches what they list, above the copy of everything. */
export function fetchFirst(
  copy: ContextCopy,
  folder: string,
  build: BuildFetch,
  { script }: InstructionView,
  project: ProjectView,
): Fix | undefined {
  const movesAway = script.commands.some(({ name }) => name === "cd" || name === "pushd");
  const manifests = manifestsToCopy(build, project, folder);
  if (build.fetch === undefined || copy.isJson || movesAway || !manifests) return undefined;
  const manifestCopy = `COPY ${flagsOf(copy)}${manifests.join(" ")} ${destinationOf(copy)}`;
  return {
    title: msg("Copy the dependency list first and fetch the dependencies in a step of their own"),
    edits: [insertAbove(copy.instruction, manifestCopy, `RUN ${build.fetch}`)],
  };
}

function flagsOf({ instruction }: ContextCopy): string {
  return instruction.flags.map(({ name, value }) => `--${name}${value === undefined ? "" : `=${value}`} `).join("");
}

/** The same folder, written so that several files may go there. */
function destinationOf({ destination }: ContextCopy): string {
  return /^\.\/?$/.test(destination) ? "./" : destination.replace(/\/*$/, "/");
}

const systemTools = /^(?:apt-get|apt|apk|yum|dnf|microdnf|corepack|mkdir|echo)$/;

function isIndependent({ keyword, script }: InstructionView, copy: ContextCopy): boolean {
  if (keyword === "WORKDIR") return copy.destination.startsWith("/");
  if (keyword === "RUN") return script.commands.every(({ name }) => systemTools.test(name));
  return /^(?:ENV|ARG|EXPOSE|LABEL|USER|SHELL|STOPSIGNAL|VOLUME)$/.test(keyword);
}
