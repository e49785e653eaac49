import { msg } from "../../../engine/base/message.ts";
import { replace } from "../../lint/fixes.ts";
import { listenPort } from "../../lint/listen-port.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "image/expose-differs",
  severity: "warning",
  summary: msg("The program listens on another port than the one that EXPOSE names"),
  why: msg(
    "EXPOSE opens nothing; it tells people and tools which port to publish. Publishing a port on which nobody listens gives an empty answer.",
  ),
  sameAs: [],
  note: msg(
    "It is said only where the port is plain: in the start command, in ENV PORT, or as the only number in the program's file.",
  ),
  fix: "suggestion",
  sees: ["EXPOSE", "CMD", "ENTRYPOINT", "ENV", "ARG", "WORKDIR"],
  examples: [
    {
      bad: 'FROM python\nEXPOSE 5000\n#      ^^^^\nCMD ["uvicorn", "app:app", "--port", "8000"]\n',
      good: 'FROM python\nEXPOSE 8000\nCMD ["uvicorn", "app:app", "--port", "8000"]\n',
    },
    {
      files: { "server.js": 'app.listen(3000, () => console.log("ready"));\n' },
      bad: 'FROM node\nEXPOSE 8080/tcp\n#      ^^^^^^^^\nCMD ["node", "server.js"]\n',
      good: 'FROM node\nEXPOSE 3000/tcp\nCMD ["node", "server.js"]\n',
    },
    {
      files: {
        "src/app.js": "const port = process.env.PORT || 3000;\napp.listen(port);\n",
        "package.json": '{"scripts": {"start": "node src/app.js"}}',
      },
      bad: 'FROM node\nENV PORT=4000\nEXPOSE 3000\n#      ^^^^\nCMD ["npm", "start"]\n',
      good: 'FROM node\nENV PORT=4000\nEXPOSE 4000\nCMD ["npm", "start"]\n',
    },
    {
      files: { "go.mod": "module a\n", "main.go": 'http.ListenAndServe(":8080", nil)\n' },
      bad: 'FROM golang AS build\nRUN go build -o /app\nFROM scratch\nCOPY --from=build /app /app\nEXPOSE 80\n#      ^^\nCMD ["/app"]\n',
      good: 'FROM golang AS build\nRUN go build -o /app\nFROM scratch\nCOPY --from=build /app /app\nEXPOSE 8080\nCMD ["/app"]\n',
    },
    {
      files: { "app.py": 'app.run(host="0.0.0.0", port=5000)\n' },
      bad: "FROM python\nEXPOSE 80 443\n#      ^^\n#         ^^^\nCMD python app.py\n",
    },
  ],
  fine: [
    'FROM python\nEXPOSE 8000\nCMD ["gunicorn", "-b", "0.0.0.0:8000", "app:app"]\n',
    'FROM python\nEXPOSE 80 8000-8010\nCMD ["uvicorn", "app:app", "--port=8000"]\n',
    'FROM python\nEXPOSE 80\nCMD ["uvicorn", "app:app", "--port", "$PORT"]\n',
    {
      files: { "server.js": "app.listen(3000); admin.listen(4000);\n" },
      text: 'FROM node\nEXPOSE 80\nCMD ["node", "server.js"]\n',
    },
    { files: { "server.js": "app.listen(config.port);\n" }, text: 'FROM node\nEXPOSE 80\nCMD ["node", "server.js"]\n' },
    'FROM node\nARG P=80\nEXPOSE $P\nCMD ["node", "server.js", "--port", "90"]\n',
    'FROM node\nENV PORT=4000\nEXPOSE 3000\nCMD ["run"]\n',
  ],
  *stage(view) {
    const words = view.only("EXPOSE").flatMap(({ instruction, onbuild }) => (onbuild ? [] : instruction.words));
    const ports = words.map(({ text, range }) => ({ range, text, span: portsOf(text) }));
    if (ports.length === 0 || ports.some(({ span }) => !span)) return;
    const port = listenPort(view);
    if (port === undefined || ports.some(({ span }) => span && span.first <= port && port <= span.last)) return;
    for (const { range, text } of ports) {
      yield {
        range,
        message: msg("The program listens on port {port}, not on {exposed}", { port, exposed: text }),
        ...(ports.length === 1 && {
          fix: {
            title: msg("Change it to {name}", { name: String(port) }),
            edits: [replace(range, text.replace(/^[^/]+/, String(port)))],
          },
        }),
      };
    }
  },
});

/** Undefined for what is not written out: then nothing is said. */
function portsOf(text: string): { readonly first: number; readonly last: number } | undefined {
  const match = /^(\d+)(?:-(\d+))?(?:\/\w+)?$/.exec(text);
  return match ? { first: Number(match[1]), last: Number(match[2] ?? match[1]) } : undefined;
}
