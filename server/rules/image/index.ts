import type { Rule } from "../../lint/rule.ts";
import droppedCmd from "./dropped-cmd.ts";
import entrypointAndCmd from "./entrypoint-and-cmd.ts";
import exposeCasing from "./expose-casing.ts";
import exposeDiffers from "./expose-differs.ts";
import exposePublished from "./expose-published.ts";
import healthcheckTool from "./healthcheck-tool.ts";
import labelEmail from "./label-email.ts";
import labelEmpty from "./label-empty.ts";
import labelHash from "./label-hash.ts";
import labelKey from "./label-key.ts";
import labelLicense from "./label-license.ts";
import labelMissing from "./label-missing.ts";
import labelTime from "./label-time.ts";
import labelUnknown from "./label-unknown.ts";
import labelUrl from "./label-url.ts";
import labelVersion from "./label-version.ts";
import lastUserRoot from "./last-user-root.ts";
import maintainer from "./maintainer.ts";
import noExec from "./no-exec.ts";
import noHealthcheck from "./no-healthcheck.ts";
import noShell from "./no-shell.ts";
import oneWordCommand from "./one-word-command.ts";
import packageManagerStart from "./package-manager-start.ts";
import pathLost from "./path-lost.ts";
import rootOwnedFolder from "./root-owned-folder.ts";
import severalCommands from "./several-commands.ts";
import unusedCommand from "./unused-command.ts";
import userName from "./user-name.ts";
import userWithoutRights from "./user-without-rights.ts";
import volumeChanged from "./volume-changed.ts";

export const imageRules: readonly Rule[] = [
  severalCommands,
  oneWordCommand,
  noShell,
  entrypointAndCmd,
  droppedCmd,
  unusedCommand,
  noExec,
  packageManagerStart,
  userWithoutRights,
  rootOwnedFolder,
  lastUserRoot,
  userName,
  pathLost,
  exposePublished,
  exposeCasing,
  exposeDiffers,
  healthcheckTool,
  noHealthcheck,
  volumeChanged,
  maintainer,
  labelKey,
  labelMissing,
  labelUnknown,
  labelEmpty,
  labelUrl,
  labelTime,
  labelLicense,
  labelHash,
  labelVersion,
  labelEmail,
];
