import { msg } from "../../../engine/base/message.ts";
import { labelTypeRule } from "../../lint/labels.ts";
import { isLicenseExpression } from "../../lint/spdx.ts";

export default labelTypeRule({
  id: "image/label-license",
  code: "DL3054",
  type: "spdx",
  summary: msg("This label should be an SPDX licence like MIT or Apache-2.0"),
  why: msg(
    "The label schema of your settings gives it the type spdx. Licences have fixed short names, which AND, OR and WITH combine.",
  ),
  note: msg("The common licences of SPDX's list are known. For others write LicenseRef-name."),
  isValid: isLicenseExpression,
  bad: "Apache2",
  fine: [
    "MIT",
    "mit",
    '"(MIT OR Apache-2.0) AND GPL-2.0-or-later WITH Classpath-exception-2.0"',
    "LicenseRef-ours",
    "GPL-2.0+",
  ],
});
