import { msg } from "../../../engine/base/message.ts";
import { labelTypeRule } from "../../lint/labels.ts";

export default labelTypeRule({
  id: "image/label-url",
  code: "DL3052",
  type: "url",
  summary: msg("This label should be an address like https://example.com/"),
  why: msg("The label schema of your settings gives it the type url, and tools make a link of it."),
  isValid: (value) => /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#]+\S*$/i.test(value),
  bad: "example.com",
  fine: ["https://example.com/a?b#c", '"http://localhost:8080"', "git+ssh://git@example.com/a.git"],
});
