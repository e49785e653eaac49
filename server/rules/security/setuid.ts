import { msg } from "../../../engine/base/message.ts";
import { defineRule } from "../../lint/rule.ts";
import { flagsOf } from "../../shell/arguments.ts";

export default defineRule({
  id: "security/setuid",
  severity: "hint",
  summary: msg("Whoever runs this file runs it as its owner, mostly root"),
  why: msg(
    "A program with the setuid bit is a way from any user of the container to root. Give the program the one capability it needs, or let the whole container run as the right user.",
  ),
  sameAs: [],
  fix: "none",
  keywords: ["RUN", "COPY", "ADD"],
  sees: ["COPY", "ADD", "@flags", "chmod"],
  examples: [
    {
      bad: "FROM debian\nRUN chmod u+s /usr/bin/a && chmod 4755 /usr/bin/b\n#         ^^^\n#                                 ^^^^\n",
    },
    { bad: "FROM debian\nONBUILD RUN chmod -R +s /a\n#                    ^^\nRUN chmod 06755 /b\n#         ^^^^^\n" },
    {
      bad: 'FROM debian\nRUN ["chmod", "u=rwxs", "/a"]\n#             ^^^^^^^^\nCOPY --chmod=4755 a /\n#            ^^^^\n',
    },
  ],
  fine: [
    "FROM debian\nRUN chmod g+s /shared && chmod 2775 /shared && chmod 1777 /tmp && chmod u-s /bin/su && chmod 755 /a\n",
    "FROM debian\nCOPY --chmod=755 a /\n",
  ],
  *instruction(view) {
    for (const { name, value, valueRange } of view.instruction.flags) {
      if (name === "chmod" && valueRange && setsUser(value ?? "")) yield { range: valueRange };
    }
    for (const command of view.commands("chmod")) {
      const [mode] = flagsOf(command).operands;
      if (mode && setsUser(mode.text)) yield { range: mode.range };
    }
  },
});

function setsUser(mode: string): boolean {
  if (/^0?[4-7][0-7]{3}$/.test(mode)) return true;
  return mode.split(",").some((part) => /^(?:[goa]*u[goau]*|a|)[+=][rwxXt]*s/.test(part));
}
