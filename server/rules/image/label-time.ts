import { msg } from "../../../engine/base/message.ts";
import { labelTypeRule } from "../../lint/labels.ts";

export default labelTypeRule({
  id: "image/label-time",
  code: "DL3053",
  type: "rfc3339",
  summary: msg("This label should be a time like 2026-01-31T12:00:00Z"),
  why: msg("The label schema of your settings gives it the type rfc3339: date, time and time zone."),
  isValid: (value) =>
    /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/.test(
      value,
    ),
  bad: "2026-13-31",
  fine: ["2026-01-31T12:00:00Z", '"2026-01-31t12:00:00.123+09:00"'],
});
