import type { Rule } from "../../lint/rule.ts";

export const packagesRules: readonly Rule[] = [];
