import { type Message, msg } from "../../../engine/base/message.ts";
import type { Range } from "../../../engine/base/ranges.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule, type Fix } from "../../lint/rule.ts";
import { isEditable, lastCommand } from "../../lint/scripts.ts";
import type { InstructionView } from "../../lint/views.ts";
import type { Command, ShellWord } from "../../shell/model.ts";

export default defineRule({
  id: "run/lost-environment",
  severity: "warning",
  summary: msg("This is set for a shell that ends here: the next instruction does not know of it"),
  why: msg(
    "Every RUN has a shell of its own. ENV sets variables for all that follows and for the container; a virtual environment is switched on by ENV PATH.",
  ),
  learn: msg(
    "An image keeps the files that a RUN leaves behind, and nothing else of it: no variables, no folder, no running program. Instructions such as ENV, WORKDIR and USER are what lasts.",
  ),
  sameAs: [],
  fix: "suggestion",
  keywords: ["RUN"],
  examples: [
    { bad: "FROM debian\nRUN export A=1 B='x y'\n#   ^^^^^^^^^^^^^^^^^^\n", good: "FROM debian\nENV A=1 B='x y'\n" },
    {
      bad: 'FROM debian\nRUN export PATH="/opt/bin:$PATH"\n#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n',
      good: 'FROM debian\nENV PATH="/opt/bin:$PATH"\n',
    },
    {
      bad: "FROM debian\nRUN NODE_ENV=production\n#   ^^^^^^^^^^^^^^^^^^^\n",
      good: "FROM debian\nENV NODE_ENV=production\n",
    },
    { bad: "FROM debian\nRUN export A=$(uname -m)\n#   ^^^^^^^^^^^^^^^^^^^^\n" },
    {
      bad: "FROM python\nRUN . /venv/bin/activate\n#   ^^^^^^^^^^^^^^^^^^^^\nRUN pip install x\n",
      good: "FROM python\nENV PATH=/venv/bin:$PATH\nRUN pip install x\n",
    },
    {
      bad: "FROM python\nRUN python -m venv /venv && \\\n    source /venv/bin/activate\n#   ^^^^^^^^^^^^^^^^^^^^^^^^^\n",
    },
    {
      bad: "FROM debian\nRUN a; nvm use 20\n#      ^^^^^^^^^^\nRUN conda activate x\n#   ^^^^^^^^^^^^^^^^\nRUN alias ll='ls -l'\n#   ^^^^^^^^^^^^^^^^\n",
    },
    { bad: "FROM debian\nRUN <<EOF\nmake\nexport A=1\n#^^^^^^^^^\nEOF\n" },
    { bad: 'FROM debian\nRUN ["bash", "-c", "export A=1"]\n#                   ^^^^^^^^^^\n' },
    { bad: "FROM debian\nONBUILD RUN export A=1\n#           ^^^^^^^^^^\n" },
  ],
  fine: [
    "FROM debian\nRUN export A=1 && make\nRUN . /venv/bin/activate && pip install x\n",
    "FROM debian\nRUN A=1 make\nRUN (export A=1)\nRUN make || export A=1\n",
    "FROM debian\nRUN nvm install 20 && nvm alias default 20\nRUN echo 'export A=1' >> ~/.bashrc\n",
    "FROM debian\nRUN . ./install.sh\nRUN source /tmp/setup.sh\nRUN set -e\n",
  ],
  *instruction(view) {
    const last = lastCommand(view.script);
    const found = last ? lost(last) : undefined;
    if (last && found && !/^&&?$/.test(last.after)) {
      const fix = toEnv(view, last);
      yield { range: last.range, message: found, ...(fix && { fix }) };
    }
    const assigned =
      view.script.commands.length === 0 && /^\s*([A-Za-z_]\w*)=([^\s;&|()`$]+)\s*$/.exec(view.script.text);
    if (!assigned || view.script.dialect === "exec") return;
    const start = view.script.text.indexOf(assigned[1] ?? "");
    const range = view.script.rangeOf(start, view.script.text.trimEnd().length);
    const canFix = !view.onbuild && !view.script.inJson && view.instruction.heredocs.length === 0;
    yield {
      range,
      message: msg("{name} is set for a shell that ends here: use ENV", { name: assigned[1] ?? "" }),
      ...(canFix && { fix: envFix(view, range, view.script.text.trim()) }),
    };
  },
});

function lost({ name, args }: Command): Message | undefined {
  const [first] = args;
  const file = first?.text ?? "";
  if (name === "export" || name === "declare" || name === "typeset") {
    const variable = args.find(({ text }) => /^\w+=/.test(text));
    return (
      variable &&
      msg("{name} is set for a shell that ends here: use ENV", {
        name: variable.text.slice(0, variable.text.indexOf("=")),
      })
    );
  }
  if (name === "." || name === "source") {
    // A script may as well do something that lasts.
    const isEnvironment =
      /(?:\/activate|\.env|\/env|(?:bash|zsh)rc|\.?(?:bash_)?profile|environment|nvm\.sh|sdkman-init\.sh|conda\.sh)$/;
    return isEnvironment.test(file) ? msg("What {file} sets ends with this RUN", { file }) : undefined;
  }
  const isSwitch =
    (name === "nvm" && file === "use") ||
    (name === "conda" && file === "activate") ||
    (name === "sdk" && file === "use");
  if (isSwitch) return msg("{command} holds for a shell that ends here", { command: `${name} ${file}` });
  return /^(?:alias|umask|ulimit)$/.test(name) && first
    ? msg("{command} holds for a shell that ends here", { command: name })
    : undefined;
}

function toEnv(view: InstructionView, { name, args, range, nested }: Command): Fix | undefined {
  const { script, instruction, onbuild } = view;
  if (!script.simple || onbuild || instruction.heredocs.length > 0 || !isEditable(script, { nested })) return undefined;
  const file = args[0]?.text ?? "";
  if (name === "." || name === "source") {
    const bin = args[0]?.constant ? /^(\/.*)\/activate$/.exec(file)?.[1] : undefined;
    return bin && !/\s/.test(bin) ? envFix(view, range, `PATH=${bin}:$PATH`) : undefined;
  }
  if (name !== "export" || !args.every(isForEnv)) return undefined;
  return envFix(view, range, args.map(({ raw }) => raw).join(" "));
}

/** ENV reads quotes like a shell, and of variables PATH is there for sure. */
function isForEnv({ raw }: ShellWord): boolean {
  return /^[A-Za-z_]\w*=/.test(raw) && !/[`*?[\]~\\]/.test(raw) && !/\$(?!PATH\b|\{PATH\})/.test(raw);
}

function envFix({ instruction }: InstructionView, { end }: Range, pairs: string): Fix {
  const line = `ENV ${pairs}`;
  return {
    title: msg("Use {instruction}", { instruction: line }),
    edits: [replace({ start: instruction.range.start, end }, line)],
  };
}
