import { type ReadConfig, readHadolintConfig } from "./config-file.ts";
import type { Ignorable } from "./suppressions.ts";

/** What hadolint's variables say, read with the same reader as its file. Lists are separated by commas. */
export function readHadolintEnvironment(environment: NodeJS.ProcessEnv, ignorable: readonly Ignorable[]): ReadConfig {
  const value = (name: string) => environment[`HADOLINT_${name}`];
  const list = (name: string) =>
    value(name)
      ?.split(/[\s,]+/)
      .filter(Boolean);
  const flag = (name: string) =>
    value(name) === undefined ? undefined : /^(?:1|y|yes|t|true|on)$/i.test(value(name) ?? "");
  const labels = list("REQUIRE_LABELS")?.map((label) => label.split(":") as [string, string?]);
  const override = {
    error: list("OVERRIDE_ERROR"),
    warning: list("OVERRIDE_WARNING"),
    info: list("OVERRIDE_INFO"),
    style: list("OVERRIDE_STYLE"),
  };
  const file = {
    ignored: list("IGNORE"),
    override,
    trustedRegistries: list("TRUSTED_REGISTRIES"),
    "label-schema": labels && Object.fromEntries(labels.map(([name, type]) => [name, type ?? "text"])),
    "strict-labels": flag("STRICT_LABELS"),
    "failure-threshold": value("FAILURE_THRESHOLD"),
    format: value("FORMAT"),
    "no-fail": flag("NOFAIL"),
    "disable-ignore-pragma": flag("DISABLE_IGNORE_PRAGMA"),
  };
  // JSON is YAML, and leaves out what is undefined.
  return readHadolintConfig("HADOLINT_*", JSON.stringify(file), ignorable);
}
