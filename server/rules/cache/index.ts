import type { Rule } from "../../lint/rule.ts";
import argBeforeExpensive from "./arg-before-expensive.ts";
import cacheMount from "./cache-mount.ts";
import copyBeforeInstall from "./copy-before-install.ts";
import movingSource from "./moving-source.ts";
import removeInLaterLayer from "./remove-in-later-layer.ts";

export const cacheRules: readonly Rule[] = [
  copyBeforeInstall,
  cacheMount,
  argBeforeExpensive,
  movingSource,
  removeInLaterLayer,
];
