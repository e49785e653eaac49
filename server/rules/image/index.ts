import type { Rule } from "../../lint/rule.ts";

export const imageRules: readonly Rule[] = [];
