import { msg } from "../../../engine/base/message.ts";
import { defineRule } from "../../lint/rule.ts";
import type { InstructionView } from "../../lint/views.ts";
import type { Command } from "../../shell/model.ts";

/** `service` and its kin have a rule of their own. */
const tools = [
  "free",
  "kill",
  "mount",
  "ps",
  "shutdown",
  "reboot",
  "ssh",
  "top",
  "htop",
  "vim",
  "vi",
  "nano",
  "ifconfig",
];

export default defineRule({
  id: "run/tool-without-use",
  severity: "hint",
  presets: { strict: "info" },
  summary: msg("This program has nothing to do while an image is built"),
  why: msg(
    "A build has no terminal, no running services and no machine of its own: such a program shows or changes what is gone when the RUN ends.",
  ),
  sameAs: ["hadolint:DL3001"],
  note: msg(
    "Stopping a program that the same RUN has started in the background is no mistake, nor are ssh and mount where the RUN asks for them with --mount=type=ssh or --security=insecure.",
  ),
  fix: "none",
  keywords: ["RUN"],
  sees: tools,
  examples: [
    { bad: "FROM debian\nRUN ps aux\n#   ^^\n" },
    { bad: 'FROM debian\nRUN ["top", "-b"]\n#    ^^^^^\n' },
    { bad: "FROM debian\nRUN apt-get update && \\\n    vim /etc/hosts\n#   ^^^\n" },
    { bad: "FROM debian\nRUN sudo shutdown now\n#        ^^^^^^^^\n" },
    { bad: "FROM debian\nONBUILD RUN free -m; ifconfig\n#           ^^^^\n#                    ^^^^^^^^\n" },
    { bad: "FROM debian\nRUN <<EOF\nmount -t tmpfs x /mnt\n#^^^^\nEOF\n" },
  ],
  fine: [
    "FROM debian\nRUN apt-get install -y vim ssh\n",
    "FROM debian\nRUN server & sleep 1 && test.sh && kill $!\n",
    "FROM debian\nRUN --mount=type=ssh ssh -T git@github.com\n",
    "FROM debian\nRUN --security=insecure mount -t proc proc /mnt\n",
    "FROM debian\nRUN vim +PlugInstall +qall\n",
    "FROM debian\nRUN ssh -V && vim --version\n",
  ],
  *instruction(view) {
    for (const command of view.commands(...tools)) {
      if (isMeant(view, command)) continue;
      const message = msg("{name} has nothing to do while an image is built", { name: command.name });
      yield { range: command.program.range, message };
    }
  },
});

function isMeant({ instruction, mounts, script }: InstructionView, { name, args }: Command): boolean {
  if (args.length === 1 && /^(?:-V|-v|--version|--help)$/.test(args[0]?.text ?? "")) return true;
  if (name === "ssh") return mounts.some(({ type }) => type === "ssh");
  if (name === "mount") return instruction.flags.some((flag) => flag.name === "security");
  if (name === "kill" || name === "ps") return script.commands.some(({ after }) => after === "&");
  // With commands of its own an editor needs nobody to type.
  return /^n?vim?$/.test(name) && args.some(({ text }) => /^(?:\+|-c$|-e|-s$|-[a-zA-Z]*[es])/.test(text));
}
