import type { Rule } from "../../lint/rule.ts";
import shellFormCmd from "./shell-form-cmd.ts";

export const runRules: readonly Rule[] = [shellFormCmd];
