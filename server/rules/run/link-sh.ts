import { msg } from "../../../engine/base/message.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule, type Fix } from "../../lint/rule.ts";
import type { InstructionView } from "../../lint/views.ts";
import type { Command } from "../../shell/model.ts";

export default defineRule({
  id: "run/link-sh",
  severity: "warning",
  summary: msg("SHELL chooses the shell of RUN; /bin/sh can stay what it is"),
  why: msg("Programs of the image rely on its own /bin/sh. SHELL changes what reads the RUNs below, and nothing else."),
  sameAs: ["hadolint:DL4005"],
  fix: "suggestion",
  keywords: ["RUN"],
  sees: ["ln"],
  examples: [
    {
      bad: "FROM debian\nRUN ln -sf /bin/bash /bin/sh\n#   ^^^^^^^^^^^^^^^^^^^^^^^^\n",
      good: 'FROM debian\nSHELL ["/bin/bash", "-c"]\n',
    },
    {
      bad: "FROM debian\nRUN rm /bin/sh && ln -s /bin/bash /bin/sh\n#                 ^^^^^^^^^^^^^^^^^^^^^^^\n",
      good: 'FROM debian\nSHELL ["/bin/bash", "-c"]\n',
    },
    { bad: "FROM debian\nRUN apt-get update && ln -sf bash /bin/sh\n#                     ^^^^^^^^^^^^^^^^^^^\n" },
    { bad: 'FROM debian\nRUN ["ln", "-sf", "/bin/bash", "/bin/sh"]\n#    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n' },
  ],
  fine: ["FROM debian\nRUN ln -sf /bin/sh /usr/local/bin/shell\n", "FROM debian\nRUN ln -s /opt/bash /bin/bash\n"],
  *instruction(view) {
    for (const command of view.commands("ln")) {
      if (!isShell(command.args.at(-1)?.text) || command.args.length < 2) continue;
      const fix = toShell(view, command);
      yield { range: command.range, ...(fix && { fix }) };
    }
  },
});

const isShell = (text: string | undefined) => text === "/bin/sh" || text === "/usr/bin/sh";

function toShell({ instruction, script, onbuild }: InstructionView, { args }: Command): Fix | undefined {
  const target = args.at(-2);
  const isOnly = script.commands.every(
    (one) => /^(?:ln|rm|mv|unlink)$/.test(one.name) && one.args.some(({ text }) => isShell(text)),
  );
  if (!target?.constant || target.text.startsWith("-") || !isOnly || onbuild || script.dialect === "exec")
    return undefined;
  const shell = target.text.startsWith("/") ? target.text : `/bin/${target.text}`;
  const line = `SHELL [${JSON.stringify(shell)}, "-c"]`;
  return { title: msg("Use {instruction}", { instruction: line }), edits: [replace(instruction.range, line)] };
}
