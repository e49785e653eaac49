import { msg } from "../../../engine/base/message.ts";
import { defineRule } from "../../lint/rule.ts";
import { flagsOf, hasFlag } from "../../shell/arguments.ts";

export default defineRule({
  id: "security/world-writable",
  severity: "info",
  summary: msg("Every user of the container may change these files"),
  why: msg(
    "Mode 777 makes an access problem go away by giving everybody everything. COPY --chown or chown gives the files to the user that runs the program.",
  ),
  sameAs: [],
  fix: "none",
  keywords: ["RUN", "COPY", "ADD"],
  sees: ["COPY", "ADD", "@flags", "chmod"],
  examples: [
    { bad: "FROM debian\nRUN chmod -R 777 /app\n#            ^^^\n" },
    {
      bad: "FROM debian\nRUN a && \\\n  chmod a+rwx /app /data\n#       ^^^^^\nONBUILD RUN chmod 0777 /b\n#                 ^^^^\n",
    },
    {
      bad: 'FROM debian\nRUN ["chmod", "-R", "ugo+rwX", "/app"]\n#                   ^^^^^^^^^\nCOPY --chmod=777 . /app\n#            ^^^\n',
    },
    {
      bad: "FROM debian\nRUN chmod -R o+w /app && chmod 666 /a\n#            ^^^\n#                              ^^^\n",
    },
  ],
  fine: [
    "FROM debian\nRUN chmod 1777 /tmp && chmod 777 /tmp && chmod -R 755 /app && chmod a+x /b && chmod -R g+w /c\n",
    "FROM debian\nRUN chmod 777 /var/run/app /tmp/x && chmod o-w /a && chmod 666 /dev/null && chmod --reference=a b\n",
  ],
  *instruction(view) {
    for (const { name, value, valueRange } of view.instruction.flags) {
      if (name === "chmod" && valueRange && opensToAll(value ?? "")) yield { range: valueRange };
    }
    for (const command of view.commands("chmod")) {
      const [mode, ...files] = flagsOf(command).operands;
      if (!mode || hasFlag(command, "--reference") || !opensToAll(mode.text)) continue;
      // Folders that programs of all users share.
      if (files.every(({ text }) => /^\/(?:tmp|var\/tmp|run|var\/run|dev)(?:\/|$)/.test(text))) continue;
      yield { range: mode.range };
    }
  },
});

/** The others may write, and no sticky bit keeps the files apart. */
function opensToAll(mode: string): boolean {
  if (/^0?[0-7]?[0-7]{2}[2367]$/.test(mode)) return !/^0?1[0-7]{3}$/.test(mode);
  return mode.split(",").some((part) => /^[ug]*[oa][ugoa]*[+=][rxX]*w[rxX]*$/.test(part));
}
