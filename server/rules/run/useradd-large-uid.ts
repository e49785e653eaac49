import { msg } from "../../../engine/base/message.ts";
import { defineRule } from "../../lint/rule.ts";
import { insertAfter, isEditable } from "../../lint/scripts.ts";
import { flagsOf, hasFlag } from "../../shell/arguments.ts";

export default defineRule({
  id: "run/useradd-large-uid",
  severity: "warning",
  summary: msg("useradd with a number this large writes a huge log file into the image"),
  why: msg(
    "/var/log/lastlog and faillog have a place for every number up to the user's own: a layer of gigabytes for one user. With -l useradd leaves them alone.",
  ),
  sameAs: ["hadolint:DL3046"],
  fix: "safe",
  keywords: ["RUN"],
  sees: ["useradd"],
  examples: [
    {
      bad: "FROM debian\nRUN useradd -u 1234567 app\n#   ^^^^^^^^^^^^^^^^^^^^^^\n",
      good: "FROM debian\nRUN useradd -l -u 1234567 app\n",
    },
    {
      bad: "FROM debian\nRUN a && useradd --uid=100000 app\n#        ^^^^^^^^^^^^^^^^^^^^^^^^\n",
      good: "FROM debian\nRUN a && useradd -l --uid=100000 app\n",
    },
    { bad: 'FROM debian\nRUN ["useradd", "-u", "1234567", "app"]\n#    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n' },
  ],
  fine: [
    "FROM debian\nRUN useradd -u 12345 app\n",
    "FROM debian\nRUN useradd -lu 1234567 app && useradd --no-log-init -u 1234567 b\n",
    "FROM debian\nRUN useradd -u $UID app\n",
  ],
  *instruction(view) {
    for (const command of view.commands("useradd")) {
      const uid = flagsOf(command, { valued }).flags.find(({ name }) => name === "-u" || name === "--uid")?.value;
      if (!/^\d{6,}$/.test(uid ?? "") || hasFlag(command, "-l", "--no-log-init")) continue;
      const fix = { title: msg("Add {flag}", { flag: "-l" }), edits: [insertAfter(command.program, "-l")] };
      yield { range: command.range, ...(isEditable(view.script, command) && { fix }) };
    }
  },
});

const valued = [
  "-b",
  "-c",
  "-d",
  "-e",
  "-f",
  "-g",
  "-G",
  "-k",
  "-K",
  "-p",
  "-R",
  "-P",
  "-s",
  "-u",
  "-Z",
  "--uid",
  "--gid",
  "--groups",
  "--home-dir",
  "--shell",
  "--comment",
];
