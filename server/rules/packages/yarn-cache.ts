import { msg } from "../../../engine/base/message.ts";
import { cleanSummary, cleanWhy, isShipped, lastUse, leftovers } from "../../lint/cleanups.ts";
import { contextCopies } from "../../lint/copies.ts";
import { isLaterYarn } from "../../lint/node-project.ts";
import { callsIn, type PackageCall, type PackageTool, said } from "../../lint/packages.ts";
import { defineRule } from "../../lint/rule.ts";
import type { StageView } from "../../lint/views.ts";

const yarn: PackageTool = { programs: ["yarn"], valued: ["--cwd", "--network-timeout", "--mutex", "--registry"] };
const global: PackageTool = { ...yarn, lead: ({ args }) => (args[0]?.text === "global" ? 1 : undefined) };
const folders = ["/usr/local/share/.cache/yarn", "/root/.cache/yarn", "~/.cache/yarn", "/home/node/.cache/yarn"];

export default defineRule({
  id: "packages/yarn-cache",
  severity: "info",
  summary: cleanSummary("yarn"),
  why: cleanWhy(),
  note: msg(
    "Only Yarn 1: later versions keep their cache in the project, where it may be wanted. Stages that are thrown away are left alone.",
  ),
  sameAs: ["hadolint:DL3060"],
  fix: "suggestion",
  sees: ["yarn", "corepack", "COPY", "ADD", "ENV", "ARG"],
  examples: [
    {
      bad: "FROM node\nRUN yarn install --frozen-lockfile\n#   ^^^^^^^^^^^^\n",
      good: "FROM node\nRUN yarn install --frozen-lockfile && yarn cache clean\n",
    },
    {
      bad: "FROM node\nRUN true \\\n  && yarn install \\\n#    ^^^^^^^^^^^^\n  && yarn build\n",
      good: "FROM node\nRUN true \\\n  && yarn install \\\n  && yarn cache clean \\\n  && yarn build\n",
    },
    {
      bad: "FROM node\nONBUILD RUN yarn global add serve\n#           ^^^^^^^^^^^^^^^\n",
      good: "FROM node\nONBUILD RUN yarn global add serve && yarn cache clean\n",
    },
    {
      bad: "FROM node\nRUN yarn install --prod\n#   ^^^^^^^^^^^^\nRUN yarn install --offline\n",
    },
    {
      bad: "FROM node\nRUN yarn global add serve && yarn install --prod && yarn install --offline\n#                            ^^^^^^^^^^^^\n",
      good: "FROM node\nRUN yarn global add serve && yarn install --prod && yarn install --offline && yarn cache clean\n",
    },
    { bad: 'FROM node\nRUN ["yarn", "install"]\n#    ^^^^^^^^^^^^^^^^^\n' },
  ],
  fine: [
    "FROM node\nENV OPTS='--cache-folder /tmp/y'\nRUN yarn install $OPTS\n",
    "FROM node\nRUN yarn install && yarn cache clean\n",
    "FROM node\nRUN --mount=type=cache,target=/usr/local/share/.cache/yarn yarn install\n",
    "FROM node\nRUN --mount=type=cache,target=/root/.cache/yarn yarn install\n",
    "FROM node\nRUN yarn install && rm -rf /usr/local/share/.cache\n",
    "FROM node\nRUN --mount=type=cache,target=/yarn yarn install --cache-folder /yarn\n",
    "FROM node\nCOPY .yarnrc.yml .\nRUN yarn install\nRUN yarn install --immutable\n",
    { text: "FROM node\nRUN yarn install\n", files: { "yarn.lock": "# x\n\n__metadata:\n  version: 8\n" } },
    { text: "FROM node\nRUN yarn install\n", files: { "package.json": '{"packageManager": "yarn@4.10.3"}' } },
    "FROM node AS build\nRUN yarn install\nFROM nginx\nCOPY --from=build /app /app\n",
  ],
  *stage(stage) {
    if (!isShipped(stage) || stage.commands("yarn").length === 0 || mayBeLater(stage)) return;
    const offline = lastUse(stage, ["yarn"], "--offline", "--prefer-offline");
    for (const [at, view] of stage.only("RUN").entries()) {
      const calls = [...callsIn(stage, view, yarn, ["install", "add"]), ...callsIn(stage, view, global, ["add"])];
      calls.sort((a, b) => a.command.start - b.command.start);
      const kept = calls.filter((call: PackageCall) => !said(call, "--cache-folder", "--immutable", "--offline"));
      const behind = at < offline ? "nothing" : calls.at(-1)?.command;
      yield* leftovers({
        view,
        calls: kept,
        ...(behind && { behind }),
        folders,
        said: /^yarn cache clean/,
        cleanup: "yarn cache clean",
      });
    }
  },
});

function mayBeLater(view: StageView): boolean {
  const { stage, project } = view;
  if (isLaterYarn(project)) return true;
  if (
    contextCopies(stage).some(({ sources }) =>
      sources.some((source) => /(?:^|\/)\.yarn(?:rc\.yml)?(?:\/|$)/.test(source)),
    )
  ) {
    return true;
  }
  return view.commands("corepack").length > 0;
}
