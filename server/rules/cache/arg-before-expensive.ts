import { msg } from "../../../engine/base/message.ts";
import type { Instruction } from "../../../engine/dockerfile/model.ts";
import { buildFetchOf } from "../../lint/build-fetches.ts";
import { insertAbove, removeLines } from "../../lint/fixes.ts";
import { apk, apt, dnf, packageCalls, yum } from "../../lint/packages.ts";
import { pairsOf } from "../../lint/pairs.ts";
import { defineRule, type Report } from "../../lint/rule.ts";
import type { InstructionView } from "../../lint/views.ts";
import { subcommand } from "../../shell/arguments.ts";
import type { Command } from "../../shell/model.ts";

/** Names of what is another value in each build. */
const restless =
  /(?:^|_)(?:COMMIT|SHA|SHA1|REVISION|VCS_REF|GIT_\w+|DATE|TIME|TIMESTAMP|CREATED|BUILD_?(?:ID|NUMBER|NUM|NO|TAG|REF|URL|VERSION))(?:_|$)/i;
/** The version of the project itself, when it comes from outside. */
const ownVersion = /^(?:(?:APP|PROJECT|IMAGE|RELEASE|PKG|PACKAGE)_)?(?:VERSION|RELEASE|TAG)$/i;

export default defineRule({
  id: "cache/arg-before-expensive",
  severity: "info",
  summary: msg("An ARG that changes with each build stands above an expensive step that does not need it"),
  why: msg(
    "Every RUN below an ARG is done again when its value changes, also one that never mentions it. Declare it just above the first instruction that uses it.",
  ),
  sameAs: [],
  fix: "suggestion",
  examples: [
    {
      bad: "FROM node\nARG GIT_COMMIT\n#^^^^^^^^^^^^^\nCOPY package.json .\nRUN npm ci\nENV COMMIT=$GIT_COMMIT\n",
      good: "FROM node\nCOPY package.json .\nRUN npm ci\nARG GIT_COMMIT\nENV COMMIT=$GIT_COMMIT\n",
    },
    {
      bad: 'FROM debian\nARG BUILD_DATE="never"\n#^^^^^^^^^^^^^^^^^^^^^\nRUN apt-get update && \\\n    apt-get install -y curl\nLABEL a=b \\\n      org.opencontainers.image.created=$BUILD_DATE\n',
      good: 'FROM debian\nRUN apt-get update && \\\n    apt-get install -y curl\nARG BUILD_DATE="never"\nLABEL a=b \\\n      org.opencontainers.image.created=$BUILD_DATE\n',
    },
    {
      bad: 'FROM golang\nARG VERSION\n#^^^^^^^^^^\nRUN go mod download\nRUN <<EOF\ngo build -ldflags "-X main.v=$VERSION"\nEOF\n',
      good: 'FROM golang\nRUN go mod download\nARG VERSION\nRUN <<EOF\ngo build -ldflags "-X main.v=$VERSION"\nEOF\n',
    },
    {
      bad: "FROM node\nARG GIT_SHA\nARG GIT_SHA\n#^^^^^^^^^^\nRUN npm ci\nLABEL a=$GIT_SHA\n",
    },
    { bad: "FROM node\nARG GIT_SHA BUILD_ID\n#^^^^^^^^^^^^^^^^^^^\nRUN npm ci\nLABEL a=$GIT_SHA\n" },
  ],
  fine: [
    "FROM node\nRUN npm ci\nARG GIT_COMMIT\nLABEL a=$GIT_COMMIT\n",
    "FROM node\nARG GIT_COMMIT\nENV COMMIT=$GIT_COMMIT\nRUN npm ci\n",
    "FROM node\nARG GIT_COMMIT\nRUN npm ci && echo $GIT_COMMIT > /commit\n",
    "FROM node\nARG NODE_ENV=production\nARG VERSION=1.2\nRUN npm ci\nLABEL a=$VERSION b=$NODE_ENV\n",
    "FROM node\nARG CACHEBUST=1\nARG BUILD_ID\nRUN npm ci\n",
  ],
  *stage(stage) {
    if (!stage.only("ARG").some(({ instruction }) => isRestless(instruction))) return;
    const { instructions } = stage;
    const until = instructions.findIndex((view) => view.keyword === "RUN" && !view.onbuild && expensiveIn(view));
    const expensive = instructions[until];
    const command = expensive && expensiveIn(expensive);
    if (!command) return;
    const declared = new Map<string, number>();
    for (const { name } of stage.only("ARG").flatMap(({ instruction }) => pairsOf(instruction).pairs))
      declared.set(name, (declared.get(name) ?? 0) + 1);
    const nextUses = new Map<string, number>();
    const reports: Report[] = [];
    for (let at = instructions.length - 1; at >= 0; at -= 1) {
      const view = instructions[at] as InstructionView;
      const { instruction, keyword } = view;
      if (keyword === "ARG" && !view.onbuild && at < until && isRestless(instruction)) {
        const names = pairsOf(instruction).pairs.map(({ name }) => name);
        const use = Math.min(...names.map((name) => nextUses.get(name) ?? Number.POSITIVE_INFINITY));
        const user = instructions[use];
        // With two of one name, the other would be the one that busts the cache.
        const isOnly = names.length === 1 && declared.get(names[0] ?? "") === 1;
        if (user && use > until) reports.push(reportOf(view, { names, command, user, isOnly }));
      }
      for (const name of namesIn(instruction)) nextUses.set(name, at);
    }
    yield* reports.reverse();
  },
});

function isRestless(instruction: Instruction): boolean {
  return pairsOf(instruction).pairs.some(
    ({ name, value }) => restless.test(name) || (value === undefined && ownVersion.test(name)),
  );
}

/** The first command that downloads much. */
function expensiveIn({ installs, script }: InstructionView): Command | undefined {
  const systems = [apt, apk, dnf, yum];
  const builds = (command: Command) => buildFetchOf([command.name, ...command.args.map(({ text }) => text)]);
  return (
    installs[0]?.command ??
    systems.flatMap((tool) => packageCalls(script.commands, tool, ["install", "add"]))[0]?.command ??
    script.commands.find((command) => builds(command) !== undefined)
  );
}

/** Names in an instruction's texts, its heredocs' too; a name that is only mentioned counts. */
function namesIn({ rest, flags, heredocs }: Instruction): readonly string[] {
  const texts = [rest.text, ...flags.map(({ value }) => value ?? ""), ...heredocs.map(({ content }) => content)];
  return texts.flatMap((text) => text.match(/\w+/g) ?? []);
}

interface Restless {
  readonly names: readonly string[];
  /** The only one of its name, alone in its line. */
  readonly isOnly: boolean;
  readonly command: Command;
  readonly user: InstructionView;
}

function reportOf(view: InstructionView, { names, isOnly, command, user }: Restless): Report {
  const { range, keywordWord, rest } = view.instruction;
  const isMovable = range.start.line === range.end.line && isOnly;
  const text = `${keywordWord.text} ${rest.text.trim()}`;
  const edits = [removeLines(view.instruction), insertAbove(user.onbuild ?? user.instruction, text)];
  return {
    range,
    message: msg("Each new value of {name} does {command} again, which does not need it", {
      name: names.join(", "),
      command: [command.name, subcommand(command)?.text].join(" ").trim(),
    }),
    related: [{ range: command.range, message: msg("This is done again") }],
    ...(isMovable && { fix: { title: msg("Move it to its first use"), edits } }),
  };
}
