import { msg } from "../../../engine/base/message.ts";
import { labelTypeRule } from "../../lint/labels.ts";

export default labelTypeRule({
  id: "image/label-email",
  code: "DL3058",
  type: "email",
  summary: msg("This label should be an e-mail address"),
  why: msg("The label schema of your settings gives it the type email."),
  isValid: (value) => /^[^\s@<>()]+@[^\s@<>().]+(?:\.[^\s@<>().]+)*$/.test(value),
  bad: "me",
  fine: ["me@example.com", '"first.last+tag@mail.example.com"'],
});
