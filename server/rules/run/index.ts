import type { Rule } from "../../lint/rule.ts";
import argOutOfScope from "./arg-out-of-scope.ts";
import bashism from "./bashism.ts";
import cd from "./cd.ts";
import cdLost from "./cd-lost.ts";
import chownAfterCopy from "./chown-after-copy.ts";
import consecutive from "./consecutive.ts";
import curlAndWget from "./curl-and-wget.ts";
import curlFail from "./curl-fail.ts";
import heredocErrexit from "./heredoc-errexit.ts";
import instructionWord from "./instruction-word.ts";
import linkSh from "./link-sh.ts";
import lostEnvironment from "./lost-environment.ts";
import missingAnd from "./missing-and.ts";
import noShell from "./no-shell.ts";
import pipefail from "./pipefail.ts";
import serviceStart from "./service-start.ts";
import shellFormCmd from "./shell-form-cmd.ts";
import sudo from "./sudo.ts";
import toolWithoutUse from "./tool-without-use.ts";
import unpackCopiedArchive from "./unpack-copied-archive.ts";
import useraddLargeUid from "./useradd-large-uid.ts";
import wgetProgress from "./wget-progress.ts";

export const runRules: readonly Rule[] = [
  noShell,
  shellFormCmd,
  instructionWord,
  missingAnd,
  argOutOfScope,
  cdLost,
  lostEnvironment,
  serviceStart,
  cd,
  sudo,
  toolWithoutUse,
  linkSh,
  bashism,
  pipefail,
  heredocErrexit,
  curlFail,
  chownAfterCopy,
  unpackCopiedArchive,
  useraddLargeUid,
  wgetProgress,
  consecutive,
  curlAndWget,
];
