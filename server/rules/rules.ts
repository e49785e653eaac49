import type { Rule } from "../lint/rule.ts";
import { baseRules } from "./base/index.ts";
import { buildRules } from "./build/index.ts";
import { cacheRules } from "./cache/index.ts";
import { ignoreRules } from "./ignore/index.ts";
import { imageRules } from "./image/index.ts";
import { packagesRules } from "./packages/index.ts";
import { runRules } from "./run/index.ts";
import { securityRules } from "./security/index.ts";
import { syntaxRules } from "./syntax/index.ts";

/** Every rule. Of two findings in one place the one whose rule stands further up comes first. */
export const rules: readonly Rule[] = [
  ...syntaxRules,
  ...baseRules,
  ...buildRules,
  ...cacheRules,
  ...packagesRules,
  ...runRules,
  ...imageRules,
  ...securityRules,
  ...ignoreRules,
];
