import { mountKeys, readMountFields } from "../../../engine/analysis.ts";
import { msg } from "../../../engine/base/message.ts";
import { contains } from "../../lint/fixes.ts";
import { mountKeyDocs, mountTypeDocs, sharingDocs } from "../data/mounts.ts";
import { flagMore, flagValues } from "../docs/flags.ts";
import { flagDocs } from "../flag-docs.ts";
import { own } from "../own.ts";
import { code, fenced, paragraphs, type Said, type Spot } from "./spot.ts";

const reference = "https://docs.docker.com/reference/dockerfile/";

/** A flag's name, its value, and what stands in a `--mount`. */
export function ofFlag(spot: Spot): Said | undefined {
  const { instruction, position, translate } = spot;
  const flag = instruction.flags.find(({ range }) => contains(range, position));
  if (!flag) return undefined;
  const { keyword } = instruction;
  if (flag.valueRange && contains(flag.valueRange, position)) {
    const value = flag.name === "mount" ? ofMount(spot, flag) : ofValue(spot, flag);
    if (value) return value;
  }
  const line = own(own(flagDocs, keyword), flag.name);
  if (!line) return undefined;
  const { more, example } = own(own(flagMore, keyword), flag.name) ?? {};
  const text = paragraphs(
    `**${keyword} --${flag.name}** — ${translate(line)}`,
    more && translate(more),
    example !== undefined && fenced(example),
    `[${keyword} --${flag.name}](${reference}#${keyword.toLowerCase()}---${flag.name})`,
  );
  return { text, range: contains(flag.nameRange, position) ? flag.nameRange : flag.range };
}

type Flag = Spot["instruction"]["flags"][number];

function ofMount({ position, translate }: Spot, flag: Flag): Said | undefined {
  const field = readMountFields(flag).fields.find(({ range }) => contains(range, position));
  const key = field && own(mountKeys, field.key);
  if (!field || key === undefined) return undefined;
  const value = field.value ?? "";
  const meaning = key === "type" ? own(mountTypeDocs, value) : key === "sharing" ? own(sharingDocs, value) : undefined;
  if (meaning && !contains(field.keyRange, position)) {
    const link = key === "type" && `[--mount=type=${value}](${reference}#run---mounttype${value})`;
    return { text: paragraphs(`**${key}=${value}** — ${translate(meaning)}`, link), range: field.valueRange };
  }
  const says = own(mountKeyDocs, key);
  if (!says) return undefined;
  const same = field.key === key ? undefined : translate(msg("The same as {key}", { key: code(key) }));
  return { text: paragraphs(`**${field.key}** — ${translate(says)}`, same), range: field.range };
}

function ofValue({ instruction, translate }: Spot, { name, value = "", valueRange }: Flag): Said | undefined {
  if (!valueRange) return undefined;
  const known = flagValues[`${instruction.keyword}/${name}/${value}`];
  if (known) return { text: `**${name}=${value}** — ${translate(known)}`, range: valueRange };
  const bits = name === "chmod" && /^0?[0-7]{3}$/.test(value) ? permissions(value.slice(-3)) : undefined;
  if (bits === undefined) return undefined;
  const says = msg("{bits}: of the owner, of the group, of everybody else", { bits: code(bits) });
  return { text: translate(says), range: valueRange };
}

/** `rwxr-xr-x` of `755`. */
function permissions(digits: string): string {
  return [...digits]
    .map(Number)
    .map((digit) => `${digit & 4 ? "r" : "-"}${digit & 2 ? "w" : "-"}${digit & 1 ? "x" : "-"}`)
    .join("");
}
