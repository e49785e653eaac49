import { msg } from "../../../engine/base/message.ts";
import { type CopyParts, copyParts } from "../../lint/copy-parts.ts";
import { insertAbove, replace } from "../../lint/fixes.ts";
import { ownFolder, startsInRoot } from "../../lint/known-bases.ts";
import { defineRule } from "../../lint/rule.ts";
import type { InstructionView, StageView } from "../../lint/views.ts";

export default defineRule({
  id: "build/copy-without-workdir",
  severity: "warning",
  summary: msg("Without WORKDIR this copies into whatever folder the base image is in, often the root folder /"),
  why: msg("Name the folder once with WORKDIR above the first COPY, or write the destination from / on."),
  learn: msg(
    "COPY . . copies the files beside the Dockerfile into the image's working folder. WORKDIR sets that folder; without one it is often /, where the files lie among those of the system.",
  ),
  sameAs: ["hadolint:DL3045"],
  note: msg("Where the base image may well set a working folder of its own this is a hint."),
  fix: "suggestion",
  sees: ["COPY", "ADD", "WORKDIR", "ENV", "ARG", "RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK", "@installs"],
  examples: [
    {
      bad: "FROM node\nCOPY package.json ./\n#                 ^^\nCOPY . .\n#      ^\n",
      good: "FROM node\nWORKDIR /app\nCOPY package.json ./\nCOPY . .\n",
    },
    {
      bad: 'FROM debian\nCOPY ["a b", "c"]\n#            ^^^\n',
      good: 'FROM debian\nWORKDIR /app\nCOPY ["a b", "c"]\n',
    },
    {
      bad: "FROM node\nONBUILD COPY . src\n#              ^^^\n",
      good: "FROM node\nWORKDIR /app\nONBUILD COPY . src\n",
    },
    {
      bad: "FROM node AS build\nRUN make\nFROM my/base\nCOPY --from=build /out bin/\n#                      ^^^^\n",
      good: "FROM node AS build\nRUN make\nFROM my/base\nWORKDIR /app\nCOPY --from=build /out bin/\n",
    },
    { bad: "FROM node\nCOPY . .\n#      ^\nRUN npm ci\n" },
    {
      bad: "FROM php:8.4-fpm-alpine AS app\nCOPY . .\n#      ^\nFROM caddy\nCOPY --from=app /var/www/html .\n#                             ^\n",
      good: "FROM php:8.4-fpm-alpine AS app\nWORKDIR /var/www/html\nCOPY . .\nFROM caddy\nWORKDIR /srv\nCOPY --from=app /var/www/html .\n",
    },
    {
      bad: 'FROM eclipse-temurin:21\nARG JAR=target/*.jar\nCOPY $JAR app.jar\n#         ^^^^^^^\nENTRYPOINT ["java", "-jar", "/app.jar"]\n',
      good: 'FROM eclipse-temurin:21\nARG JAR=target/*.jar\nCOPY $JAR /app.jar\nENTRYPOINT ["java", "-jar", "/app.jar"]\n',
    },
    {
      bad: 'FROM debian\nCOPY docker/entry.sh .\n#                    ^\nCOPY ["a b", "./c"]\n#            ^^^^^\nRUN chmod +x /entry.sh\n',
      good: 'FROM debian\nCOPY docker/entry.sh /\nCOPY ["a b", "/c"]\nRUN chmod +x /entry.sh\n',
    },
    {
      bad: "FROM node AS build\nCOPY . .\n#      ^\nRUN make\nFROM nginx\nCOPY --from=build /dist /srv\n",
      good: "FROM node AS build\nCOPY . /\nRUN make\nFROM nginx\nCOPY --from=build /dist /srv\n",
    },
    { bad: 'FROM my/base\nCOPY run.sh .\n#           ^\nCMD ["/run.sh"]\n' },
  ],
  fine: [
    "FROM node\nWORKDIR /app\nCOPY . .\n",
    "FROM node AS base\nWORKDIR /app\nFROM base\nCOPY . .\n",
    `FROM node\nCOPY . /app\nCOPY a $HOME/a\nCOPY a \${X}\nCOPY a C:\\x\nCOPY a C:/x\n`,
    "FROM scratch\nCOPY app .\n",
  ],
  *stage(view) {
    const found: { readonly one: InstructionView; readonly parts: CopyParts }[] = [];
    for (const one of view.only("COPY", "ADD")) {
      if (view.workdirAt(one.instruction) !== undefined) break;
      const parts = copyParts(one.instruction);
      if (!parts || /^(?:[/\\$]|[A-Za-z]:|["'])/.test(parts.destination.text)) continue;
      // An empty image has no working folder but the root.
      if (view.base.kind === "scratch") return;
      found.push({ one, parts });
    }
    if (found.length === 0) return;
    const isRoot = startsInRoot(view);
    // Then another working folder would take the files away from where they are looked for. Asking for very many copies
    // would cost the square of the stage.
    const isNamed = found.slice(0, 20).some(({ one, parts }) => isNamedInRoot(view, one, parts));
    const own = ownFolder(view);
    const isPinned = !own && (view.isSource || isNamed);
    const folder = own ?? "/app";
    for (const [index, { one, parts }] of found.entries()) {
      const { destination } = parts;
      const below = inRoot(destination.text);
      const edit = isPinned
        ? isRoot && replace(destination.range, parts.isJson ? JSON.stringify(below) : below)
        : index === 0 && insertAbove(one.onbuild ?? one.instruction, `WORKDIR ${folder}`);
      const title = isPinned ? msg("Write {name}", { name: below }) : msg("Add WORKDIR {folder}", { folder });
      yield {
        range: destination.range,
        ...(!isRoot && { severity: "hint" }),
        ...(edit && !isInstalled(view) && { fix: { title, edits: [edit] } }),
      };
    }
  },
});

function inRoot(path: string): string {
  return `/${path.replace(/^(?:\.?\/+)+|^\.$/, "")}`;
}

/** Does a later instruction of the stage say `/app.jar` for what is copied to `app.jar`? */
function isNamedInRoot({ instructions }: StageView, copy: InstructionView, parts: CopyParts): boolean {
  const below = inRoot(parts.destination.text);
  const names =
    below === "/" ? parts.sources.map(({ text }) => `/${text.replace(/\/+$/, "").replace(/^.*\//, "")}`) : [below];
  const line = copy.instruction.range.start.line;
  return instructions.some(({ keyword, instruction, script }) => {
    if (instruction.range.start.line <= line || !/^(?:RUN|CMD|ENTRYPOINT|HEALTHCHECK)$/.test(keyword)) return false;
    const text = `${instruction.rest.text}\n${script.text}`;
    return names.some((name) => {
      const path = name.replace(/\/+$/, "");
      for (let at = text.indexOf(path); path.length > 1 && at >= 0; at = text.indexOf(path, at + 1)) {
        if (!/[\w.})-]/.test(text[at - 1] ?? " ") && !/[\w.-]/.test(text[at + path.length] ?? " ")) return true;
      }
      return false;
    });
  });
}

/** Then build/install-without-workdir offers the folder. */
function isInstalled(view: StageView): boolean {
  const usesFolder = ({ installs }: InstructionView) => installs.some(({ install }) => install.usesWorkingFolder);
  return startsInRoot(view) && view.only("RUN").some(usesFolder);
}
