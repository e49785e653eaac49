import type { Rule } from "../lint/rule.ts";
import installWithoutWorkdir from "./build/install-without-workdir.ts";
import serverInRun from "./build/server-in-run.ts";
import copyBeforeInstall from "./cache/copy-before-install.ts";
import shellFormCmd from "./run/shell-form-cmd.ts";
import inlineComment from "./syntax/inline-comment.ts";
import jsonSingleQuotes from "./syntax/json-single-quotes.ts";

/** Every rule, in the order in which they are asked. */
export const rules: readonly Rule[] = [
  inlineComment,
  jsonSingleQuotes,
  serverInRun,
  installWithoutWorkdir,
  copyBeforeInstall,
  shellFormCmd,
];
