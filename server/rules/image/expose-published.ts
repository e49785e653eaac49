import { msg } from "../../../engine/base/message.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "image/expose-published",
  severity: "warning",
  summary: msg("EXPOSE names a port of the container only: it cannot publish one"),
  why: msg(
    "Which port of the machine leads to it is decided when the container starts: docker run -p 8080:80. Builders ignore the rest here, and newer ones refuse it.",
  ),
  learn: msg(
    "EXPOSE 80 says that the program in the image listens on port 80. To reach it from outside start the container with -p 8080:80, the machine's port first.",
  ),
  sameAs: ["buildkit:ExposeInvalidFormat"],
  fix: "safe",
  keywords: ["EXPOSE"],
  examples: [
    { bad: "FROM node\nEXPOSE 8080:80\n#      ^^^^^^^\n", good: "FROM node\nEXPOSE 80\n" },
    {
      bad: "FROM node\nEXPOSE 22 127.0.0.1:8080:80/tcp [::1]:5000-5001:6000-6001\n#         ^^^^^^^^^^^^^^^^^^^^^\n#                               ^^^^^^^^^^^^^^^^^^^^^^^^^\n",
      good: "FROM node\nEXPOSE 22 80/tcp 6000-6001\n",
    },
    { bad: "FROM node\nONBUILD EXPOSE :80\n#              ^^^\n", good: "FROM node\nONBUILD EXPOSE 80\n" },
  ],
  fine: [`FROM node\nEXPOSE 80 443/tcp 3000-3005 $PORT \${PORT:-80} \${A:+1}\n`],
  *instruction({ instruction }) {
    for (const { text, range } of instruction.words) {
      const port = /:(\d+(?:-\d+)?(?:\/\w+)?)$/.exec(text)?.[1];
      if (port === undefined) continue;
      yield {
        range,
        message: msg(
          "EXPOSE takes the container's port, {port}; the machine's port is given when the container starts: -p {mapping}",
          {
            port,
            mapping: text.replace(/^:/, `${port.replace(/\/.*/, "")}:`),
          },
        ),
        fix: { title: msg("Keep the container's port"), edits: [replace(range, port)] },
      };
    }
  },
});
