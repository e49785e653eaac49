import type { Rule } from "../../lint/rule.ts";
import asCasing from "./as-casing.ts";
import constantPlatform from "./constant-platform.ts";
import copyFromItself from "./copy-from-itself.ts";
import copyWholeStage from "./copy-whole-stage.ts";
import duplicateStage from "./duplicate-stage.ts";
import endOfLife from "./end-of-life.ts";
import invalidDefault from "./invalid-default.ts";
import latest from "./latest.ts";
import platformMismatch from "./platform-mismatch.ts";
import redundantPlatform from "./redundant-platform.ts";
import reservedStageName from "./reserved-stage-name.ts";
import stageNameCasing from "./stage-name-casing.ts";
import undefinedArg from "./undefined-arg.ts";
import undefinedVariable from "./undefined-variable.ts";
import unknownStage from "./unknown-stage.ts";
import untagged from "./untagged.ts";
import untrustedRegistry from "./untrusted-registry.ts";
import unusedArg from "./unused-arg.ts";
import unusedStage from "./unused-stage.ts";

export const baseRules: readonly Rule[] = [
  untagged,
  latest,
  endOfLife,
  untrustedRegistry,
  constantPlatform,
  redundantPlatform,
  platformMismatch,
  unknownStage,
  copyFromItself,
  copyWholeStage,
  duplicateStage,
  reservedStageName,
  stageNameCasing,
  asCasing,
  undefinedArg,
  invalidDefault,
  undefinedVariable,
  unusedStage,
  unusedArg,
];
