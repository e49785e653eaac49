import type { Rule } from "../../lint/rule.ts";

export const securityRules: readonly Rule[] = [];
