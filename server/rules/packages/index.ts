import type { Rule } from "../../lint/rule.ts";
import apkCache from "./apk-cache.ts";
import apkPin from "./apk-pin.ts";
import aptCommand from "./apt-command.ts";
import aptFrontend from "./apt-frontend.ts";
import aptLists from "./apt-lists.ts";
import aptPin from "./apt-pin.ts";
import aptRecommends from "./apt-recommends.ts";
import aptUpdateApart from "./apt-update-apart.ts";
import aptYes from "./apt-yes.ts";
import devDependencies from "./dev-dependencies.ts";
import dnfClean from "./dnf-clean.ts";
import dnfPin from "./dnf-pin.ts";
import dnfYes from "./dnf-yes.ts";
import gemPin from "./gem-pin.ts";
import goPin from "./go-pin.ts";
import npmPin from "./npm-pin.ts";
import pipCache from "./pip-cache.ts";
import pipPin from "./pip-pin.ts";
import upgrade from "./upgrade.ts";
import yarnCache from "./yarn-cache.ts";
import yumClean from "./yum-clean.ts";
import yumPin from "./yum-pin.ts";
import yumYes from "./yum-yes.ts";
import zypperClean from "./zypper-clean.ts";
import zypperDistUpgrade from "./zypper-dist-upgrade.ts";
import zypperPin from "./zypper-pin.ts";
import zypperYes from "./zypper-yes.ts";

export const packagesRules: readonly Rule[] = [
  apkCache,
  apkPin,
  aptCommand,
  aptFrontend,
  aptLists,
  aptPin,
  aptRecommends,
  aptUpdateApart,
  aptYes,
  devDependencies,
  dnfClean,
  dnfPin,
  dnfYes,
  gemPin,
  goPin,
  npmPin,
  pipCache,
  pipPin,
  upgrade,
  yarnCache,
  yumClean,
  yumPin,
  yumYes,
  zypperClean,
  zypperDistUpgrade,
  zypperPin,
  zypperYes,
];
