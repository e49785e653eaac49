import { msg } from "../../../engine/base/message.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "image/expose-casing",
  severity: "warning",
  summary: msg("The protocol of a port is written in lower case"),
  why: msg("Builders take both, other tools that read the image compare with tcp and udp."),
  sameAs: ["buildkit:ExposeProtoCasing"],
  fix: "safe",
  keywords: ["EXPOSE"],
  examples: [
    {
      bad: "FROM node\nEXPOSE 80/TCP 53/udp 54/Udp\n#         ^^^\n#                       ^^^\n",
      good: "FROM node\nEXPOSE 80/tcp 53/udp 54/udp\n",
    },
    { bad: "FROM node\nONBUILD EXPOSE $P/SCTP\n#                 ^^^^\n", good: "FROM node\nONBUILD EXPOSE $P/sctp\n" },
  ],
  fine: ["FROM node\nEXPOSE 80 443/tcp 53/udp\nEXPOSE 80/$PROTO\n"],
  *instruction({ instruction }) {
    for (const { text, offset } of instruction.words) {
      const slash = text.lastIndexOf("/") + 1;
      const protocol = text.slice(slash);
      if (slash === 0 || !/^(?:tcp|udp|sctp)$/i.test(protocol) || protocol === protocol.toLowerCase()) continue;
      const range = instruction.rest.rangeOf(offset + slash, offset + text.length);
      yield { range, fix: { title: msg("Write it in lower case"), edits: [replace(range, protocol.toLowerCase())] } };
    }
  },
});
