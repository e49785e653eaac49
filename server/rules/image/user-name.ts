import { msg } from "../../../engine/base/message.ts";
import { defineRule } from "../../lint/rule.ts";
import { isRoot } from "../../lint/stage-user.ts";

export default defineRule({
  id: "image/user-name",
  severity: "off",
  presets: { strict: "info" },
  summary: msg("USER has a name, and only a number proves that it is not root"),
  why: msg(
    "Kubernetes with runAsNonRoot refuses a container whose user is a name, because it cannot look it up. Write the number, like USER 1000.",
  ),
  sameAs: ["hadolint:DL3066"],
  note: msg("A variable may hold a number, and root is told by image/last-user-root."),
  fix: "none",
  keywords: ["USER"],
  examples: [
    { bad: "FROM node\nUSER node\n#    ^^^^\nUSER app:1000\n#    ^^^^^^^^\n" },
    { bad: "FROM node\nONBUILD USER app\n#            ^^^\n" },
  ],
  fine: ["FROM node\nUSER 1000\nUSER 1000:app\nUSER $USER\nUSER root\nUSER\n"],
  *instruction({ instruction: { rest } }) {
    const text = rest.text.trimEnd();
    const user = text.replace(/^["']/, "");
    // Root is told by image/last-user-root.
    if (user === "" || /^\d+["']?(?::|$)|\$/.test(user) || isRoot(user)) return;
    yield { range: rest.rangeOf(0, text.length) };
  },
});
