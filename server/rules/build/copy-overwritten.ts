import { msg } from "../../../engine/base/message.ts";
import type { Instruction } from "../../../engine/dockerfile/model.ts";
import { copyParts } from "../../lint/copy-parts.ts";
import { removeLines } from "../../lint/fixes.ts";
import { defineRule } from "../../lint/rule.ts";
import type { StageView } from "../../lint/views.ts";

export default defineRule({
  id: "build/copy-overwritten",
  severity: "hint",
  summary: msg("A later COPY puts another file in this one's place before anything has used it"),
  why: msg(
    "The first copy is in the image and can no longer be seen. One of the two is probably meant for another path.",
  ),
  sameAs: [],
  fix: "suggestion",
  sees: ["COPY", "ADD", "WORKDIR", "ENV", "ARG"],
  examples: [
    {
      bad: "FROM nginx\nCOPY a.conf /etc/nginx/nginx.conf\n#^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\nEXPOSE 80\nCOPY b.conf /etc/nginx/nginx.conf\n",
      good: "FROM nginx\nEXPOSE 80\nCOPY b.conf /etc/nginx/nginx.conf\n",
    },
    {
      bad: "FROM node\nWORKDIR /app\nCOPY . .\n#^^^^^^^\nENV A=1\nCOPY . .\n",
      good: "FROM node\nWORKDIR /app\nENV A=1\nCOPY . .\n",
    },
  ],
  fine: [
    "FROM node\nWORKDIR /app\nCOPY package.json .\nCOPY . .\n",
    "FROM node\nWORKDIR /app\nCOPY . .\nRUN make\nCOPY . .\n",
    "FROM node\nWORKDIR /a\nCOPY . .\nWORKDIR /b\nCOPY . .\n",
    "FROM node\nCOPY a /etc/x/\nCOPY b /etc/x/\nCOPY a /etc/y\nCOPY b /etc/y\n",
    "FROM node\nCOPY --from=a /x/app.conf /etc/app.conf\nCOPY --chown=node . /src/\nCOPY . /lib/\n",
  ],
  *stage(view) {
    const written = new Map<string, Instruction>();
    for (const { instruction, keyword, onbuild } of view.instructions) {
      if (keyword === "RUN" && !onbuild) written.clear();
      const key = onbuild ? undefined : writes(instruction, view);
      if (key === undefined) continue;
      const earlier = written.get(key);
      written.set(key, instruction);
      if (!earlier) continue;
      yield {
        range: earlier.range,
        tag: "unnecessary",
        related: [{ range: instruction.range, message: msg("Overwritten here") }],
        fix: { title: msg("Remove the earlier one"), edits: [removeLines(earlier)] },
      };
    }
  },
});

/** Two copies with the same answer write the same files: one file with a name of its own, or the same sources. */
function writes(instruction: Instruction, view: StageView): string | undefined {
  const parts = copyParts(instruction);
  const [source, second] = parts?.sources ?? [];
  if (!parts || !source || instruction.heredocs.length > 0) return undefined;
  const { text } = parts.destination;
  const folder = text.startsWith("/") ? "" : view.workdirAt(instruction);
  if (folder === undefined || text.includes("$")) return undefined;
  const path = `${folder}/${text.replace(/^\.\/?/, "")}`;
  // A folder is merged and not replaced: only a file's name has an ending.
  const isFile = /\.\w+$/.test(source.text) && /\/[^/]*\.\w+$/.test(path) && !second;
  if (isFile) return `file ${path}`;
  return `same ${instruction.flags.map(({ name, value }) => `${name}=${value}`).join(" ")} ${parts.sources.map((one) => one.text).join(" ")} ${path}`;
}
