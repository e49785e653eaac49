import type { Rule } from "../../lint/rule.ts";
import copyBeforeInstall from "./copy-before-install.ts";

export const cacheRules: readonly Rule[] = [copyBeforeInstall];
