import { msg } from "../../../engine/base/message.ts";
import { type PackageCall, type PackageTool, packageCalls, pinSummary, pinWhy, unpinned } from "../../lint/packages.ts";
import { defineRule } from "../../lint/rule.ts";

const valued = [
  ...["--prefix", "--registry", "--loglevel", "--cache", "--tag", "--omit", "--include", "--only", "-w", "--workspace"],
  ...["--userconfig", "--location", "--fetch-retries", "--fetch-timeout", "-C", "--dir", "--cwd", "--filter", "-F"],
  ...["--cache-folder", "--modules-folder", "--global-dir", "--global-bin-dir", "--mutex", "--network-timeout"],
];
const tools: readonly { readonly tool: PackageTool; readonly verbs: readonly string[] }[] = [
  { tool: { programs: ["npm"], valued }, verbs: ["install", "i", "add", "in"] },
  { tool: { programs: ["pnpm", "bun"], valued }, verbs: ["install", "i", "add", "a"] },
  { tool: { programs: ["yarn"], valued }, verbs: ["add"] },
  { tool: { programs: ["yarn"], valued, lead: globalLead }, verbs: ["add"] },
];

export default defineRule({
  id: "packages/npm-pin",
  severity: "hint",
  presets: { strict: "warning" },
  summary: pinSummary("npm"),
  why: pinWhy("npm install -g pnpm@11"),
  note: msg("A tag such as @latest is no version. pnpm, yarn and bun are read too."),
  sameAs: ["hadolint:DL3016"],
  fix: "none",
  keywords: ["RUN"],
  sees: ["npm", "pnpm", "bun", "yarn"],
  examples: [
    { bad: "FROM node\nRUN npm install -g pnpm typescript@5.9.2\n#                  ^^^^\n" },
    {
      bad: "FROM node\nRUN npm i --registry https://a.org --loglevel warn \\\n    @angular/cli @scope/b@latest\n#   ^^^^^^^^^^^^\nRUN npm i npm@latest\n#         ^^^^^^^^^^\n",
    },
    {
      bad: "FROM node\nRUN npm install git+https://host.org/a.git && npm install user/project\n#               ^^^^^^^^^^^^^^^^^^^^^^^^^^\n#                                                         ^^^^^^^^^^^^\n",
    },
    {
      bad: "FROM node\nRUN pnpm add -g turbo && yarn global add serve && sudo yarn add left-pad\n#               ^^^^^\n#                                        ^^^^^\n#                                                               ^^^^^^^^\n",
    },
    {
      bad: 'FROM node\nONBUILD RUN ["npm", "install", "pm2"]\n#                              ^^^^^\nRUN <<EOF\nnpm install pm2\n#           ^^^\nEOF\n',
    },
  ],
  fine: [
    "FROM node\nRUN npm ci && npm install && npm install --prefix ./web --omit dev\n",
    "FROM node\nRUN npm install express@5.1.0 @babel/core@7 'react@^19' --save\n",
    "FROM node\nRUN npm install ./local.tgz ../folder /srv/app file:../x https://host.org/a-1.0.tgz .\n",
    "FROM node\nRUN npm install git+https://host.org/a.git#v1.0 user/project#semver:^5 npm@$NPM_VERSION $TOOLS\n",
    "FROM node\nRUN yarn install && yarn global bin && pnpm install --frozen-lockfile\n",
  ],
  *instruction(view) {
    for (const { tool, verbs } of tools) {
      yield* unpinned(packageCalls(view.commands(...tool.programs), tool, verbs), isPinned);
    }
  },
});

function globalLead({ args }: PackageCall["command"]): number | undefined {
  return args[0]?.text === "global" ? 1 : undefined;
}

function isPinned(word: string): boolean {
  if (/^(?:\.{0,2}\/|\.$|~|file:|link:|workspace:)|^(?:https?:|[^/]+\/?)?.*\.(?:tgz|tar\.gz|tar)$/.test(word))
    return true;
  if (/^(?:git[+:@]|github:|gitlab:|bitbucket:|ssh:)|\.git(?:#|$)|^[\w.-]+\/[\w.-]+(?:#|$)/.test(word))
    return word.includes("#");
  if (/^https?:/.test(word)) return true;
  const at = word.indexOf("@", 1);
  return at > 0 && !/^@(?:latest|next|beta|canary)$/.test(word.slice(at));
}
