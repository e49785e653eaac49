import type { Rule } from "../../lint/rule.ts";
import cd from "./cd.ts";
import cdLost from "./cd-lost.ts";
import consecutive from "./consecutive.ts";
import curlAndWget from "./curl-and-wget.ts";
import linkSh from "./link-sh.ts";
import shellFormCmd from "./shell-form-cmd.ts";
import sudo from "./sudo.ts";
import toolWithoutUse from "./tool-without-use.ts";
import useraddLargeUid from "./useradd-large-uid.ts";
import wgetProgress from "./wget-progress.ts";

export const runRules: readonly Rule[] = [
  shellFormCmd,
  cdLost,
  cd,
  sudo,
  toolWithoutUse,
  linkSh,
  useraddLargeUid,
  wgetProgress,
  consecutive,
  curlAndWget,
];
