import { msg } from "../../engine/base/message.ts";
import type { ContextCopy } from "./copies.ts";
import { insertBelow, replace } from "./fixes.ts";
import type { Install } from "./package-managers.ts";
import type { Fix } from "./rule.ts";
import type { InstructionView, ProjectView } from "./views.ts";

/** Manifests, install, everything: only when nothing in between or in the RUN itself may need the sources. */
export function manifestsFirst(
  copy: ContextCopy,
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
  const { instruction, destination, destinationRange } = copy;
  const flags = instruction.flags
    .map(({ name, value }) => `--${name}${value === undefined ? "" : `=${value}`} `)
    .join("");
  const folder = /^\.\/?$/.test(destination) ? "./" : destination.replace(/\/*$/, "/");
  const manifests = [...new Set(installs.flatMap(({ install }) => existing(install, project.names)))].join(" ");
  const whole = `${instruction.keyword} ${flags}${copy.sources.join(" ")} ${destination}`;
  const manifestCopy = replace(
    { start: instruction.range.start, end: destinationRange.end },
    `COPY ${flags}${manifests} ${folder}`,
  );
  const next = commands[count];
  const title = msg("Copy the dependency list first, everything else after the install");
  if (!next) return { title, edits: [manifestCopy, insertBelow(run, whole)] };
  const last = commands[count - 1];
  if (!last || next.before !== "&&" || run.json) return undefined;
  return {
    title,
    edits: [manifestCopy, replace({ start: last.range.end, end: next.range.start }, `\n${whole}\nRUN `)],
  };
}

function existing({ manifests, usual }: Install, files: readonly string[]): readonly string[] {
  const found = manifests.filter((name) => files.includes(name));
  return found.length > 0 ? found : usual.split(" ");
}

const systemTools = /^(?:apt-get|apt|apk|yum|dnf|microdnf|corepack|mkdir|echo)$/;

function isIndependent({ keyword, script }: InstructionView, copy: ContextCopy): boolean {
  if (keyword === "WORKDIR") return copy.destination.startsWith("/");
  if (keyword === "RUN") return script.commands.every(({ name }) => systemTools.test(name));
  return /^(?:ENV|ARG|EXPOSE|LABEL|USER|SHELL|STOPSIGNAL|VOLUME)$/.test(keyword);
}
