import { msg } from "../../../engine/base/message.ts";
import { copyParts } from "../../lint/copy-parts.ts";
import { inherited } from "../../lint/inherited.ts";
import { defineRule } from "../../lint/rule.ts";
import type { InstructionView } from "../../lint/views.ts";

const writing = new Set(["mkdir", "chown", "chmod", "touch", "rm", "mv", "cp", "ln", "install", "chgrp"]);

export default defineRule({
  id: "image/volume-changed",
  severity: "hint",
  summary: msg("This changes a folder that is already declared as VOLUME: some builders lose the change"),
  why: msg("BuildKit keeps it, older builders throw it away. Move VOLUME below the last step that writes there."),
  sameAs: [],
  fix: "none",
  sees: ["VOLUME", "COPY", "ADD", "WORKDIR", "ENV", "ARG", ...writing],
  examples: [
    {
      bad: "FROM debian\nVOLUME /data\nCOPY a.txt /data/\n#          ^^^^^^\nRUN chown -R app /data\n#   ^^^^^^^^^^^^^^^^^^\n",
    },
    { bad: 'FROM debian\nVOLUME ["/var/lib/x", "/logs"]\nRUN mkdir -p /logs/a && true\n#   ^^^^^^^^^^^^^^^^\n' },
    { bad: "FROM debian AS a\nVOLUME /data\nFROM a\nWORKDIR /data\nCOPY a .\n#      ^\n" },
  ],
  fine: [
    "FROM debian\nCOPY a /data/\nRUN chown app /data\nVOLUME /data\n",
    "FROM debian\nVOLUME /data\nCOPY a /database/\nRUN ls /data && cat /data/x\nRUN --mount=type=cache,target=/data touch /data/x\n",
    "FROM debian\nVOLUME $DIR\nCOPY a $DIR\n",
  ],
  *stage(view) {
    const above = view.parent ? volumesOf(view.parent) : none;
    if (above.size === 0 && view.only("VOLUME").length === 0) return;
    const volumes = new Set(above);
    for (const one of view.instructions) {
      const { instruction, keyword, onbuild } = one;
      if (onbuild) continue;
      if (keyword === "VOLUME") for (const path of pathsOf(one)) volumes.add(path);
      if (volumes.size === 0) continue;
      const isChanged = (path: string) =>
        isBelow(volumes, path.startsWith("/") ? path : `${view.workdirAt(instruction) ?? ""}/${path}`);
      if (keyword === "COPY" || keyword === "ADD") {
        const destination = copyParts(instruction)?.destination;
        if (destination && isChanged(destination.text)) yield { range: destination.range };
      } else if (keyword === "RUN") {
        if (one.mounts.some(({ target }) => target !== undefined && isChanged(target))) continue;
        for (const { name, args, range } of one.script.commands) {
          if (writing.has(name) && args.some(({ text }) => text.startsWith("/") && isChanged(text))) yield { range };
        }
      }
    }
  },
});

const none: ReadonlySet<string> = new Set();

const volumesOf = inherited<ReadonlySet<string>>((stage, above = none) => {
  const own = stage.only("VOLUME").filter(({ onbuild }) => !onbuild);
  return own.length === 0 ? above : new Set([...above, ...own.flatMap(pathsOf)]);
});

/** Is the path one of these, or below one? */
function isBelow(volumes: ReadonlySet<string>, path: string): boolean {
  let folder = path.replace(/\/\.?$/, "");
  for (let depth = 0; folder !== "" && depth < 100; depth += 1) {
    if (volumes.has(folder)) return true;
    folder = folder.slice(0, folder.lastIndexOf("/"));
  }
  return false;
}

function pathsOf({ instruction: { json, words } }: InstructionView): readonly string[] {
  const paths = json ? json.map(({ value }) => value) : words.map(({ text }) => text);
  return paths.filter((path) => /^\/[^$"']+$/.test(path)).map((path) => path.replace(/\/+$/, ""));
}
