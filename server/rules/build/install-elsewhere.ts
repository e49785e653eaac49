import { msg } from "../../../engine/base/message.ts";
import { copyParts } from "../../lint/copy-parts.ts";
import { defineRule } from "../../lint/rule.ts";
import type { InstructionView, StageView } from "../../lint/views.ts";

export default defineRule({
  id: "build/install-elsewhere",
  severity: "warning",
  summary: msg("This installs in another folder than the one that the files were copied to"),
  why: msg("Package managers look for their lists in the working folder. Let WORKDIR and COPY name the same folder."),
  sameAs: [],
  fix: "none",
  sees: ["COPY", "ADD", "WORKDIR", "ENV", "ARG", "RUN"],
  examples: [
    { bad: "FROM node\nWORKDIR /srv\nCOPY . /app\nRUN npm ci\n#   ^^^^^^\n" },
    {
      bad: "FROM python\nCOPY requirements.txt /app/\nWORKDIR /code\nRUN pip install -r requirements.txt\n#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n",
    },
    {
      bad: "FROM node\nWORKDIR /app\nONBUILD WORKDIR /src\nONBUILD COPY . /app\nONBUILD RUN npm ci\n#           ^^^^^^\n",
    },
  ],
  fine: [
    "FROM node\nWORKDIR /app\nCOPY . .\nRUN npm ci\n",
    "FROM node\nWORKDIR /app/web\nCOPY . /app\nRUN npm ci\n",
    "FROM node\nWORKDIR /app\nCOPY web /app/web\nRUN cd web && npm ci\n",
    "FROM node\nWORKDIR /srv\nCOPY . /app\nRUN npm --prefix /app ci && npm install -g x\n",
    "FROM node\nWORKDIR /srv\nCOPY . /app\nRUN ln -s /app/package.json . && npm ci\nRUN --mount=type=bind,target=. npm ci\n",
    "FROM node AS a\nWORKDIR /srv\nCOPY . .\nFROM a\nCOPY . /app\nRUN npm ci\n",
    "FROM node\nWORKDIR $X\nCOPY . /app\nRUN npm ci\n",
    "FROM node\nWORKDIR /srv\nCOPY nginx.conf /etc/nginx/\nRUN git clone https://example.com/a . && npm ci\n",
  ],
  *stage(view) {
    if (view.only("COPY", "ADD").length === 0) return;
    yield* misplaced(
      view,
      view.instructions.filter(({ onbuild }) => !onbuild),
    );
    yield* misplaced(
      view,
      view.instructions.filter(({ onbuild }) => onbuild),
    );
  },
});

/** Triggers are carried out together, later, so that they are looked at apart. */
function* misplaced(stage: StageView, list: readonly InstructionView[]) {
  if (stage.parent) return;
  const folders: string[] = [];
  let moved = list.find(({ onbuild }) => onbuild) ? lastFolder(stage) : undefined;
  for (const view of list) {
    const { instruction, keyword, script, installs, mounts } = view;
    if (keyword === "WORKDIR") moved = view.onbuild ? joined(moved, instruction.rest.text.trim()) : undefined;
    if (keyword === "COPY" || keyword === "ADD") folders.push(copyParts(instruction)?.destination.text ?? ".");
    if (keyword !== "RUN") continue;
    const found = installs.find(({ install }) => install.usesWorkingFolder);
    const isAlone = installs.length === script.commands.length;
    // Anything else may bring the files.
    if (!found) {
      if (script.commands.some(({ name }) => !harmless.has(name))) return;
      continue;
    }
    const folder = moved ?? stage.workdirAt(instruction);
    const isPlain = folder?.startsWith("/") && isAlone && folders.length > 0 && mounts.length === 0;
    const isElsewhere = folders.every((path) => /^\/[^$*?]*$/.test(path) && !isBelow(folder ?? "", path));
    if (isPlain && isElsewhere) {
      yield {
        range: found.command.range,
        message: msg("This runs in {folder}, but the files were copied to {other}", {
          folder: folder ?? "",
          other: (folders[0] ?? "").replace(/(.)\/+$/, "$1"),
        }),
      };
    }
    return;
  }
}

const harmless = new Set(
  "apt-get apt apk yum dnf corepack echo mkdir chown chmod groupadd useradd adduser addgroup".split(" "),
);

/** In it, below it or above it: the files may be there. */
function isBelow(folder: string, copied: string): boolean {
  const clean = copied.replace(/\/+$/, "");
  return folder === clean || folder.startsWith(`${clean}/`) || clean.startsWith(`${folder.replace(/\/+$/, "")}/`);
}

function lastFolder(stage: StageView): string | undefined {
  const last = stage.stage.instructions.at(-1);
  return last && stage.workdirAt(last);
}

function joined(above: string | undefined, path: string): string | undefined {
  if (/^\//.test(path)) return path;
  return above === undefined ? undefined : `${above}/${path}`;
}
