import { msg } from "../../../engine/base/message.ts";
import { isShipped } from "../../lint/cleanups.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "run/curl-and-wget",
  severity: "hint",
  presets: { strict: "warning" },
  summary: msg("This stage uses curl as well as wget: one of them is enough"),
  why: msg("Both do the same. With one of them less has to be installed, updated and known."),
  sameAs: ["hadolint:DL4001"],
  note: msg("Stages whose files are not shipped are left alone, and so are commands that only ask for a version."),
  fix: "none",
  sees: ["curl", "wget"],
  examples: [
    {
      bad: "FROM debian\nRUN wget https://a\nRUN curl https://b && curl https://c\n#   ^^^^\n#                     ^^^^\n",
    },
    { bad: 'FROM debian\nRUN curl https://a | sh\nRUN ["wget", "https://b"]\n#    ^^^^^^\n' },
    { bad: "FROM debian\nONBUILD RUN curl https://a\nRUN <<EOF\nwget https://b\n#^^^\nEOF\n" },
  ],
  fine: [
    "FROM debian\nRUN apt-get install -y curl wget\n",
    "FROM debian AS a\nRUN curl https://a\nFROM debian\nRUN wget https://b\n",
    "FROM debian AS a\nRUN curl https://a && wget https://b\nFROM scratch\nCOPY --from=a /x /\n",
  ],
  *stage(view) {
    if (!isShipped(view)) return;
    const used = view
      .commands("curl", "wget")
      .filter(({ command }) => command.args.some(({ text }) => !/^-/.test(text)));
    const first = used[0];
    for (const { command } of used) {
      if (!first || command.name === first.command.name) continue;
      const related = {
        range: first.command.program.range,
        message: msg("{name} is used here", { name: first.command.name }),
      };
      yield { range: command.program.range, related: [related] };
    }
  },
});
