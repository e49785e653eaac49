import { msg } from "../../../engine/base/message.ts";
import type { Instruction } from "../../../engine/dockerfile/model.ts";
import { type ContextCopy, contextCopies } from "../../lint/copies.ts";
import type { Facts } from "../../lint/facts.ts";
import { insertBelow, replace } from "../../lint/fixes.ts";
import type { Install } from "../../lint/package-managers.ts";
import { defineRule, type Fix } from "../../lint/rule.ts";

export default defineRule({
  id: "cache/copy-before-install",
  severity: "warning",
  summary: msg("Copying everything before the install step makes every source edit install all dependencies again"),
  why: msg(
    "A step is reused only while everything before it is unchanged. Copy the files that list the dependencies, install, then copy the rest.",
  ),
  sameAs: [],
  fix: "suggestion",
  examples: [
    {
      bad: "FROM node\nWORKDIR /app\nCOPY . .\n#^^^^^^^\nRUN npm ci\n",
      good: "FROM node\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\n",
    },
    {
      files: ["Dockerfile", "package-lock.json", "package.json", "server.js"],
      bad: "FROM node\nWORKDIR /app\nCOPY . /app\n#^^^^^^^^^^\nENV A=b\nRUN npm ci && npm run build\n",
      good: "FROM node\nWORKDIR /app\nCOPY package.json package-lock.json /app/\nENV A=b\nRUN npm ci\nCOPY . /app\nRUN npm run build\n",
    },
    {
      bad: "FROM python\nWORKDIR /app\nCOPY --chown=1 . .\n#^^^^^^^^^^^^^^^^^\nRUN pip install -r requirements.txt\n",
      good: "FROM python\nWORKDIR /app\nCOPY --chown=1 requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY --chown=1 . .\n",
    },
    { bad: "FROM rust\nWORKDIR /app\nCOPY . .\n#^^^^^^^\nRUN cargo fetch\n" },
    { bad: "FROM node\nWORKDIR /app\nCOPY . .\n#^^^^^^^\nRUN ./prepare.sh && npm ci\n" },
  ],
  fine: [
    "FROM node\nWORKDIR /app\nCOPY package.json .\nRUN npm ci\nCOPY . .\nRUN npm ci --omit=dev\n",
    "FROM node\nWORKDIR /app\nCOPY . .\nRUN --mount=type=cache,target=/root/.npm npm ci\n",
    "FROM node\nCOPY --from=build . .\nRUN npm ci\n",
  ],
  *check({ dockerfile, facts }) {
    for (const stage of dockerfile.stages) {
      const copy = contextCopies(stage).find(({ isWhole }) => isWhole);
      if (!copy) continue;
      const at = stage.instructions.indexOf(copy.instruction);
      const runs = (list: readonly Instruction[]) => list.filter(({ keyword }) => keyword === "RUN");
      const done = runs(stage.instructions.slice(0, at))
        .flatMap(facts.installs)
        .map(({ install }) => install.manager);
      const later = stage.instructions.slice(at + 1);
      const run = runs(later).find((one) => facts.installs(one).some(({ install }) => !done.includes(install.manager)));
      if (!run || run.flags.some(({ name }) => name === "mount")) continue;
      const fix = reorder(copy, later.slice(0, later.indexOf(run)), run, facts);
      yield { range: copy.instruction.range, ...(fix && { fix }) };
    }
  },
});

/** Manifests, install, everything: only when nothing in between or in the RUN itself may need the sources. */
function reorder(copy: ContextCopy, between: readonly Instruction[], run: Instruction, facts: Facts): Fix | undefined {
  const { commands } = facts.script(run);
  const installs = facts.installs(run);
  const first = installs[0];
  const installing = new Set(installs.map(({ command }) => command));
  const count = commands.findIndex((command) => !installing.has(command));
  if (!first || copy.isJson || count === 0 || !installs.every(({ install }) => install.manifestsSuffice))
    return undefined;
  if (run.heredocs.length > 0 || !between.every((one) => isIndependent(one, copy, facts))) return undefined;
  const { instruction, destination, destinationRange } = copy;
  const flags = instruction.flags
    .map(({ name, value }) => `--${name}${value === undefined ? "" : `=${value}`} `)
    .join("");
  const folder = /^\.\/?$/.test(destination) ? "./" : destination.replace(/\/*$/, "/");
  const manifests = [...new Set(installs.flatMap(({ install }) => existing(install, facts.files)))].join(" ");
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

function existing({ manifests, usual }: Install, files: readonly string[] | undefined): readonly string[] {
  const found = manifests.filter((name) => files?.includes(name));
  return found.length > 0 ? found : usual.split(" ");
}

const systemTools = /^(?:apt-get|apt|apk|yum|dnf|microdnf|corepack|mkdir|echo)$/;

function isIndependent(instruction: Instruction, copy: ContextCopy, facts: Facts): boolean {
  if (instruction.keyword === "WORKDIR") return copy.destination.startsWith("/");
  if (instruction.keyword === "RUN")
    return facts.script(instruction).commands.every(({ words }) => systemTools.test(words[0] ?? ""));
  return /^(?:ENV|ARG|EXPOSE|LABEL|USER|SHELL|STOPSIGNAL|VOLUME)$/.test(instruction.keyword);
}
