import { msg } from "../../../engine/base/message.ts";
import { labelTypeRule } from "../../lint/labels.ts";

export default labelTypeRule({
  id: "image/label-hash",
  code: "DL3055",
  type: "hash",
  summary: msg("This label should be the id of a Git commit: 7 or 40 hexadecimal digits"),
  why: msg(
    "The label schema of your settings gives it the type hash. A branch or a version does not say which commit was built.",
  ),
  isValid: (value) => /^(?:[0-9a-f]{7}|[0-9a-f]{40})$/i.test(value),
  bad: "main",
  fine: ["8f936c5", `"${"0123456789".repeat(4)}"`],
});
