import type { Rule } from "../../lint/rule.ts";
import unused from "./unused.ts";

export const ignoreRules: readonly Rule[] = [unused];
