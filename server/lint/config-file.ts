import path from "node:path";
import { nearest } from "../../engine/analysis.ts";
import { type Message, msg } from "../../engine/base/message.ts";
import {
  type ConfigLayer,
  idsOf,
  labelTypes,
  presets,
  severities,
  severitiesOrOff,
  shellCheckCode,
  type Threshold,
} from "./config.ts";
import { type ConfigProblem, type ConfigValue, readYaml } from "./config-yaml.ts";
import type { RuleOptions, Severity } from "./rule.ts";
import type { Ignorable } from "./suppressions.ts";

export interface ReadConfig {
  readonly layer: ConfigLayer;
  readonly problems: readonly ConfigProblem[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Severities = Record<string, Severity | "off">;

/** Reads drydock.yaml. `file` is its full path: `context` is relative to its folder. */
export function readDrydockConfig(file: string, text: string, ignorable: readonly Ignorable[]): ReadConfig {
  const { root, problems } = readYaml(file, text);
  const layer: Mutable<ConfigLayer> = {};
  const options: Mutable<RuleOptions> = {};
  const readers: Record<string, (value: ConfigValue) => void> = {
    preset: (value) => assign(layer, "preset", value.oneOf(presets)),
    rules: (value) => assign(layer, "severities", readRules(value, ignorable)),
    trustedRegistries: (value) => assign(options, "trustedRegistries", readTexts(value)),
    labelSchema: (value) => assign(options, "labelSchema", readLabels(value)),
    strictLabels: (value) => assign(options, "strictLabels", value.flag()),
    ignoreComments: (value) => assign(layer, "honourIgnores", value.flag()),
    threshold: (value) => assign(layer, "threshold", value.oneOf([...severities, "none"] as const)),
    context: (value) => {
      const folder = value.text();
      if (folder !== undefined) layer.context = path.resolve(path.dirname(file), folder);
    },
  };
  read(root, { lint: (value) => read(value, readers) });
  return { layer: { ...layer, options }, problems };
}

/** The sections and keys of drydock.yaml, for its schema. */
export const drydockKeys = [
  "preset",
  "rules",
  "trustedRegistries",
  "labelSchema",
  "strictLabels",
  "ignoreComments",
  "threshold",
  "context",
] as const;

const hadolintLevels = { error: "error", warning: "warning", info: "info", style: "info" } as const;
const hadolintThresholds: Readonly<Record<string, Threshold>> = { ...hadolintLevels, ignore: "hint", none: "none" };
/** Keys that say how hadolint prints, which our command line decides for itself. */
const ofNoMeaning = ["no-color", "formats", "verbose"];

/** Reads hadolint's own file, as hadolint documents it. */
export function readHadolintConfig(file: string, text: string, ignorable: readonly Ignorable[]): ReadConfig {
  const { root, problems } = readYaml(file, text);
  const layer: Mutable<ConfigLayer> = {};
  const options: Mutable<RuleOptions> = {};
  const overridden: Severities = {};
  const ignored: Severities = {};
  const put = (to: Severities, severity: Severity | "off") => (value: ConfigValue) => {
    for (const code of readCodes(value, ignorable)) to[code] = severity;
  };
  const levels = Object.entries(hadolintLevels).map(([level, severity]) => [level, put(overridden, severity)] as const);
  read(root, {
    ignored: put(ignored, "off"),
    override: (value) => read(value, Object.fromEntries(levels)),
    trustedRegistries: (value) => assign(options, "trustedRegistries", readTexts(value)),
    "label-schema": (value) => assign(options, "labelSchema", readLabels(value)),
    "strict-labels": (value) => assign(options, "strictLabels", value.flag()),
    "failure-threshold": (value) => {
      const name = value.oneOf(Object.keys(hadolintThresholds));
      if (name !== undefined) assign(layer, "threshold", hadolintThresholds[name]);
    },
    format: (value) => assign(layer, "format", value.text()),
    "no-fail": (value) => assign(layer, "noFail", value.flag()),
    "disable-ignore-pragma": (value) => {
      const isDisabled = value.flag();
      if (isDisabled !== undefined) layer.honourIgnores = !isDisabled;
    },
    ...Object.fromEntries(ofNoMeaning.map((key) => [key, () => {}])),
  });
  return { layer: { ...layer, options, severities: { ...overridden, ...ignored } }, problems };
}

function read(value: ConfigValue | undefined, readers: Readonly<Record<string, (value: ConfigValue) => void>>): void {
  for (const entry of value?.entries() ?? []) {
    if (Object.hasOwn(readers, entry.key)) readers[entry.key]?.(entry.value);
    else entry.complainOfKey(noSetting(entry.key, nearest(entry.key, Object.keys(readers))));
  }
}

function assign<T, K extends keyof T>(target: T, key: K, value: T[K] | undefined): void {
  if (value !== undefined) target[key] = value;
}

function readTexts(value: ConfigValue): readonly string[] {
  return value.items().flatMap((item) => item.text() ?? []);
}

function readLabels(value: ConfigValue): Readonly<Record<string, string>> {
  const labels = (value.entries() ?? []).flatMap(({ key, value: type }) => {
    const known = type.oneOf(labelTypes);
    return known ? [[key, known] as const] : [];
  });
  return Object.fromEntries(labels);
}

function readRules(value: ConfigValue, ignorable: readonly Ignorable[]): Severities {
  const chosen: Severities = {};
  for (const { key, value: level, complainOfKey } of value.entries() ?? []) {
    if (!isCode(key, ignorable)) complainOfKey(noRule(key, ignorable));
    const severity = level.oneOf(severitiesOrOff);
    if (severity !== undefined) chosen[key] = severity;
  }
  return chosen;
}

function readCodes(value: ConfigValue, ignorable: readonly Ignorable[]): readonly string[] {
  return value.items().flatMap((item) => {
    const code = item.text();
    if (code !== undefined && !isCode(code, ignorable)) item.complain(noRule(code, ignorable));
    return code ?? [];
  });
}

/** True also for codes that hadolint has retired: they are still in many files. */
function isCode(code: string, ignorable: readonly Ignorable[]): boolean {
  const isKnown = ignorable.some(({ id }) => id === code) || idsOf(code, ignorable).some((id) => id !== code);
  return isKnown || shellCheckCode(code) !== undefined || /^(?:hadolint:)?DL\d{4}$/.test(code);
}

function noSetting(name: string, meant: string | undefined): Message {
  return meant === undefined
    ? msg("There is no setting {name}", { name })
    : msg("There is no setting {name}. Did you mean {meant}?", { name, meant });
}

function noRule(code: string, ignorable: readonly Ignorable[]): Message {
  const meant = /\d{2}/.test(code)
    ? undefined
    : nearest(
        code,
        ignorable.map(({ id }) => id),
      );
  return meant === undefined
    ? msg("There is no rule {code}", { code })
    : msg("There is no rule {code}. Did you mean {meant}?", { code, meant });
}
