import { msg } from "../../../engine/base/message.ts";
import { defineRule } from "../../lint/rule.ts";
import { inEffect } from "../../lint/start-command.ts";

export default defineRule({
  id: "image/no-healthcheck",
  severity: "off",
  summary: msg("The image does not say how to tell that its program works"),
  why: msg(
    "With HEALTHCHECK engines see that a program hangs, and Compose can wait until a service is ready. HEALTHCHECK NONE says that none is wanted.",
  ),
  sameAs: ["hadolint:DL3057"],
  note: msg("Only the last stage is asked; Kubernetes has its own probes and ignores HEALTHCHECK."),
  fix: "none",
  sees: ["HEALTHCHECK"],
  examples: [
    { bad: 'FROM node\n#^^^^^^^^\nCMD ["node", "a.js"]\n' },
    { bad: "FROM node AS a\nHEALTHCHECK CMD x\nFROM node\n#^^^^^^^^\nCOPY --from=a /a /a\n" },
  ],
  fine: [
    "FROM node\nHEALTHCHECK NONE\n",
    "FROM node AS a\nHEALTHCHECK CMD x\nFROM a\n",
    "FROM node AS a\nFROM node\nHEALTHCHECK CMD x\n",
  ],
  *stage(view) {
    if (view.isLast && !inEffect(view, "HEALTHCHECK")) yield { range: view.stage.from.range };
  },
});
