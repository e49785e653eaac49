import type { Rule } from "../../lint/rule.ts";
import installWithoutWorkdir from "./install-without-workdir.ts";
import serverInRun from "./server-in-run.ts";

export const buildRules: readonly Rule[] = [serverInRun, installWithoutWorkdir];
