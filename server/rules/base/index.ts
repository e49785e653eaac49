import type { Rule } from "../../lint/rule.ts";

export const baseRules: readonly Rule[] = [];
