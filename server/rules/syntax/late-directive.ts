import { msg } from "../../../engine/base/message.ts";
import type { Dockerfile } from "../../../engine/dockerfile/model.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule, type Fix } from "../../lint/rule.ts";

export default defineRule({
  id: "syntax/late-directive",
  severity: "warning",
  summary: msg("This parser directive is only a comment: it does not stand at the very top"),
  why: msg("The first line that is anything else, a comment or an empty line too, ends the directives."),
  learn: msg("Move the line to the top of the file. Other comments stand below it."),
  sameAs: [],
  fix: "suggestion",
  examples: [
    {
      bad: "# My image\n# syntax=docker/dockerfile:1\n#^^^^^^^^^^^^^^^^^^^^^^^^^^^\nFROM node:24\n",
      good: "# syntax=docker/dockerfile:1\n# My image\nFROM node:24\n",
    },
    {
      bad: "\n# escape=`\n#^^^^^^^^^\nFROM node:24\n",
      good: "# escape=`\n\nFROM node:24\n",
    },
    {
      bad: "# syntax=docker/dockerfile:1\n\n#check=error=true\n#^^^^^^^^^^^^^^^^\nFROM node:24\n",
      good: "# syntax=docker/dockerfile:1\n#check=error=true\n\nFROM node:24\n",
    },
    { bad: "\n# escape=`\n#^^^^^^^^^\nFROM node:24\nRUN a \\\n  && b\n" },
    { bad: "# escape=`\nFROM node:24\n# escape=\\\n#^^^^^^^^^\n" },
  ],
  fine: [
    "# syntax=docker/dockerfile:1\n# escape=`\nFROM node:24\n",
    "#!/usr/bin/env docker build\n# syntax=docker/dockerfile:1\nFROM node:24\n",
    "FROM node:24\n# check=skip=JSONArgsRecommended\nCMD a\n",
    "# My image\n# syntax = the grammar of this file\n# escape = leave\nFROM node:24\n",
  ],
  *file({ dockerfile }) {
    for (const { text, range } of dockerfile.comments) {
      const [, name, value] = /^#\s*(syntax|escape|check)\s*=\s*(\S+)$/i.exec(text.trimEnd()) ?? [];
      if (!name || !value || !isMeant(name.toLowerCase(), value)) continue;
      // A #! line may stand above it.
      if (range.start.line === 1 && name === "syntax" && dockerfile.lines.at(0).startsWith("#!")) continue;
      const fix = moveUp(dockerfile, name.toLowerCase(), value, range.start.line);
      yield {
        range,
        message: msg("This {name} directive is only a comment: it does not stand at the very top", { name }),
        ...(fix && { fix }),
      };
    }
  },
});

/** Comments that explain a setting look alike. `check=skip=` above an instruction holds for that instruction. */
function isMeant(name: string, value: string): boolean {
  if (name === "escape") return value === "\\" || value === "`";
  return name === "syntax" ? /[/:]/.test(value) : /^(?:error|experimental)=/.test(value);
}

function moveUp(dockerfile: Dockerfile, name: string, value: string, line: number): Fix | undefined {
  const { directives, lines, escape: escapeChar } = dockerfile;
  if (directives.some((one) => one.name === name)) return undefined;
  // The file was written for the escape character that holds now, where it is used.
  const isUsed = lines.text.includes(`${escapeChar}\n`) || lines.text.includes(`${escapeChar}\r\n`);
  if (name === "escape" && value !== escapeChar && isUsed) return undefined;
  const mark = directives.length === 0 && lines.at(0).startsWith("\uFEFF") ? 1 : 0;
  const top = { line: directives.length, character: mark };
  const whole = { start: { line, character: line === 0 ? mark : 0 }, end: { line: line + 1, character: 0 } };
  return {
    title: msg("Move it to the top"),
    edits: [replace({ start: top, end: top }, `${lines.at(line).trim()}\n`), replace(whole, "")],
  };
}
