import { msg } from "../../../engine/base/message.ts";
import { labelTypeRule } from "../../lint/labels.ts";

export default labelTypeRule({
  id: "image/label-version",
  code: "DL3056",
  type: "semver",
  summary: msg("This label should be a semantic version like 1.2.3"),
  why: msg(
    "The label schema of your settings gives it the type semver: three numbers, and if need be -beta.1 or +build behind them.",
  ),
  isValid: (value) =>
    /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*))*)?(?:\+[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?$/.test(
      value,
    ),
  bad: "v1.2",
  fine: ["1.2.3", '"0.1.0-rc.1+build.5"'],
});
