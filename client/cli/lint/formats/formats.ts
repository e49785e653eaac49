import { rules } from "../../../../server/rules/rules.ts";
import type { Format } from "../result.ts";
import { codeClimate, gitlab } from "./code-climate.ts";
import { github } from "./github.ts";
import { gnu } from "./gnu.ts";
import { json } from "./json.ts";
import { sarif } from "./sarif.ts";
import { tty } from "./tty.ts";
import { checkstyle, junit } from "./xml.ts";

export const formatNames = [
  "tty",
  "json",
  "sarif",
  "checkstyle",
  "junit",
  "codeclimate",
  "gitlab",
  "github",
  "gnu",
] as const;
export type FormatName = (typeof formatNames)[number];

const makers: Readonly<Record<FormatName, (color: boolean) => Format>> = {
  tty,
  json,
  sarif: () => sarif(rules),
  checkstyle,
  junit,
  codeclimate: codeClimate,
  gitlab,
  github,
  gnu,
};

export function makeFormat(name: FormatName, color: boolean): Format {
  return makers[name](color);
}

/** Also by the name that hadolint has for it; undefined for one that is not known. */
export function formatNamed(name: string): FormatName | undefined {
  const own = name === "gitlab_codeclimate" ? "gitlab" : name;
  return formatNames.find((known) => known === own);
}
