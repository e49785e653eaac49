import type { Rule } from "../../lint/rule.ts";
import addInsteadOfCopy from "./add-instead-of-copy.ts";
import addUrlArchive from "./add-url-archive.ts";
import copyIgnored from "./copy-ignored.ts";
import copyMissing from "./copy-missing.ts";
import copyOutsideContext from "./copy-outside-context.ts";
import copyOverwritten from "./copy-overwritten.ts";
import copyToFile from "./copy-to-file.ts";
import copyWithoutWorkdir from "./copy-without-workdir.ts";
import dockerignoreIncomplete from "./dockerignore-incomplete.ts";
import installElsewhere from "./install-elsewhere.ts";
import installWithoutWorkdir from "./install-without-workdir.ts";
import missingDockerignore from "./missing-dockerignore.ts";
import secretsInContext from "./secrets-in-context.ts";
import serverInRun from "./server-in-run.ts";
import workdirMakesFolder from "./workdir-makes-folder.ts";
import workdirRelative from "./workdir-relative.ts";

export const buildRules: readonly Rule[] = [
  serverInRun,
  installWithoutWorkdir,
  installElsewhere,
  copyOutsideContext,
  copyIgnored,
  copyMissing,
  secretsInContext,
  missingDockerignore,
  dockerignoreIncomplete,
  workdirRelative,
  copyWithoutWorkdir,
  copyToFile,
  addInsteadOfCopy,
  addUrlArchive,
  copyOverwritten,
  workdirMakesFolder,
];
