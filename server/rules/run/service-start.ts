import { msg } from "../../../engine/base/message.ts";
import { defineRule } from "../../lint/rule.ts";
import type { Command, Script } from "../../shell/model.ts";

export default defineRule({
  id: "run/service-start",
  severity: "warning",
  summary: msg("What is started here has ended when the RUN ends: a container has no services of its build"),
  why: msg(
    "An image holds files and no running programs. Name the program in CMD; what several containers need is a container of its own.",
  ),
  learn: msg(
    "RUN happens while the image is made. Programs that should run later are named by CMD or ENTRYPOINT, in the foreground: the container lives as long as that program.",
  ),
  sameAs: ["hadolint:DL3001"],
  note: msg("A service that a later command of the same RUN uses, to fill a database for example, is left alone."),
  fix: "none",
  keywords: ["RUN"],
  examples: [
    {
      bad: "FROM debian\nRUN apt-get install -y nginx && service nginx start\n#                               ^^^^^^^^^^^^^^^^^^^\n",
    },
    { bad: "FROM debian\nRUN /etc/init.d/ssh restart\n#   ^^^^^^^^^^^^^^^^^^^^^^^\n" },
    {
      bad: "FROM debian\nRUN sudo systemctl start docker\n#        ^^^^^^^^^^^^^^^^^^^^^^\nRUN systemctl enable --now x && sleep 5\n#   ^^^^^^^^^^^^^^^^^^^^^^^^\n",
    },
    { bad: "FROM debian\nRUN redis-server --port 1 &\n#   ^^^^^^^^^^^^^^^^^^^^^\n" },
    { bad: "FROM debian\nRUN make && nohup java -jar a.jar > /dev/null 2>&1 &\n#                 ^^^^^^^^^^^^^^^\n" },
    { bad: "FROM debian\nONBUILD RUN <<EOF\nmake\nrc-service nginx start\n#^^^^^^^^^^^^^^^^^^^^^\nEOF\n" },
    { bad: 'FROM debian\nRUN ["service", "nginx", "start"]\n#    ^^^^^^^^^^^^^^^^^^^^^^^^^^^\n' },
    { bad: "FROM debian\nRUN supervisord\n#   ^^^^^^^^^^^\n" },
  ],
  fine: [
    "FROM mysql\nRUN service mysql start && mysql -e 'CREATE DATABASE a'\n",
    "FROM debian\nRUN systemctl enable nginx && service --status-all && systemctl daemon-reload\n",
    "FROM debian\nRUN server & sleep 1 && test.sh\n",
    "FROM debian\nRUN a & b & wait\n",
    "FROM debian\nRUN service nginx start || true; service nginx stop\n",
  ],
  *instruction({ script }) {
    const all = script.commands.filter(
      ({ context, name }) => context !== "substitution" && !/^(?:sleep|echo|true|:)$/.test(name),
    );
    const last = all.at(-1);
    if (last?.context !== "top" || !(startsService(last) || isLeftBehind(script, last))) return;
    const message = msg("{command} has ended when the RUN ends: a container has no services of its build", {
      command:
        last.args.length > 0 && last.after !== "&"
          ? `${last.name} ${last.args.map(({ text }) => text).join(" ")}`
          : last.name,
    });
    yield { range: last.range, message };
  },
});

function startsService({ name, program, args }: Command): boolean {
  const words = args.map(({ text }) => text);
  if (/^\/etc\/init\.d\/\w/.test(program.text)) return starts.test(words[0] ?? "");
  if (name === "service" || name === "rc-service") return starts.test(words[1] ?? "");
  if (name === "systemctl") return words.some((text) => starts.test(text) || text === "--now");
  return name === "supervisord" && !words.some((text) => /^(?:-n|--nodaemon|-v|--version|-h|--help)$/.test(text));
}

const starts = /^(?:start|restart|reload)$/;

/** `… &` at the end of the script: nothing waits for it. */
function isLeftBehind({ commands, text }: Script, { after, end }: Command): boolean {
  return after === "&" && /&\s*$/.test(text.slice(end)) && commands.every(({ name }) => name !== "wait");
}
