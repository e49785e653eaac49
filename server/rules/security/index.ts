import type { Rule } from "../../lint/rule.ts";
import copiedSecret from "./copied-secret.ts";
import httpDownload from "./http-download.ts";
import literalSecret from "./literal-secret.ts";
import passwordArgument from "./password-argument.ts";
import pipeToShell from "./pipe-to-shell.ts";
import secretInFile from "./secret-in-file.ts";
import secretInVariable from "./secret-in-variable.ts";
import setuid from "./setuid.ts";
import unverified from "./unverified.ts";
import worldWritable from "./world-writable.ts";

export const securityRules: readonly Rule[] = [
  literalSecret,
  secretInVariable,
  secretInFile,
  passwordArgument,
  copiedSecret,
  unverified,
  httpDownload,
  pipeToShell,
  worldWritable,
  setuid,
];
