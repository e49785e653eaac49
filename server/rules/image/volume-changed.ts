import { msg } from "../../../engine/base/message.ts";
import { copyParts } from "../../lint/copy-parts.ts";
import { defineRule } from "../../lint/rule.ts";
import type { InstructionView, StageView } from "../../lint/views.ts";

export default defineRule({
  id: "image/volume-changed",
  severity: "hint",
  summary: msg("This changes a folder that is already declared as VOLUME: some builders lose the change"),
  why: msg("BuildKit keeps it, older builders throw it away. Move VOLUME below the last step that writes there."),
  sameAs: [],
  fix: "none",
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
    const volumes = inheritedVolumes(view);
    for (const one of view.instructions) {
      const { instruction, keyword, onbuild } = one;
      if (onbuild) continue;
      if (keyword === "VOLUME") volumes.push(...pathsOf(one));
      if (volumes.length === 0) continue;
      const isIn = (path: string) => volumes.some((volume) => path === volume || path.startsWith(`${volume}/`));
      const absolute = (path: string) =>
        (path.startsWith("/") ? path : `${view.workdirAt(instruction) ?? ""}/${path}`).replace(/\/\.?$/, "");
      if (keyword === "COPY" || keyword === "ADD") {
        const destination = copyParts(instruction)?.destination;
        if (destination && isIn(absolute(destination.text))) yield { range: destination.range };
      } else if (keyword === "RUN") {
        if (one.mounts.some(({ target }) => target !== undefined && isIn(target))) continue;
        for (const { name, args, range } of one.script.commands) {
          if (writing.has(name) && args.some(({ text }) => text.startsWith("/") && isIn(absolute(text))))
            yield { range };
        }
      }
    }
  },
});

const writing = new Set(["mkdir", "chown", "chmod", "touch", "rm", "mv", "cp", "ln", "install", "chgrp"]);

function inheritedVolumes(view: StageView): string[] {
  const volumes: string[] = [];
  for (let stage = view.parent; stage; stage = stage.parent) {
    for (const one of stage.only("VOLUME")) if (!one.onbuild) volumes.push(...pathsOf(one));
  }
  return volumes;
}

function pathsOf({ instruction: { json, words } }: InstructionView): readonly string[] {
  const paths = json ? json.map(({ value }) => value) : words.map(({ text }) => text);
  return paths.filter((path) => /^\/[^$"']+$/.test(path)).map((path) => path.replace(/\/+$/, ""));
}
