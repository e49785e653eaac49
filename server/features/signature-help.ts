import type { ParameterInformation, SignatureHelp, SignatureInformation } from "vscode-languageserver";
import { mountKeys } from "../../engine/analysis.ts";
import type { Message } from "../../engine/base/message.ts";
import type { Position } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";
import { placeAt } from "./completion/place.ts";
import { keywords } from "./data/keywords.ts";
import { mountKeyDocs, mountTypeDocs } from "./data/mounts.ts";
import { type Form, forms, sourceElsewhere } from "./docs/signatures.ts";
import { flagDocs, mountKeys as keysOf } from "./flag-docs.ts";
import { own } from "./own.ts";

type Translate = (message: Message) => string;

/** How the instruction at the cursor is written, and which part of it stands there. */
export function signatureHelp(analysis: Analysis, position: Position, translate: Translate): SignatureHelp | undefined {
  const { kind, keyword, before } = placeAt(analysis, position, {});
  // Behind ONBUILD stands a keyword.
  const isHere = kind === "arguments" || (kind === "keyword" && keyword === "ONBUILD");
  if (!isHere || !Object.hasOwn(forms, keyword)) return undefined;
  const { flags, rest, isInFlag } = splitFlags(before, flagDocs[keyword] !== undefined);
  const last = isInFlag ? flags.at(-1) : undefined;
  const mount = keyword === "RUN" ? /^--mount=(.*)$/s.exec(last ?? "")?.[1] : undefined;
  if (mount !== undefined) return ofMount(mount, translate);
  const isArray = rest.startsWith("[");
  const all = forms[keyword] ?? [];
  const wanted = all.findIndex(({ isJson = false, parts }) =>
    keyword === "HEALTHCHECK" ? /^N/i.test(rest) === (parts[0]?.[0] === "NONE") : isJson === isArray,
  );
  const names = Object.keys(flagDocs[keyword] ?? {});
  const activeSignature = Math.max(0, wanted);
  const form = all[activeSignature];
  if (!form) return undefined;
  const active = last === undefined ? names.length + partOf(keyword, form, rest) : flagOf(names, last);
  const isElsewhere = keyword === "COPY" && flags.some((flag) => /^--from=./i.test(flag));
  const signatures = all.map((one) => signatureOf(keyword, names, isElsewhere ? fromElsewhere(one) : one, translate));
  return { signatures, activeSignature, activeParameter: active };
}

function signatureOf(
  keyword: string,
  names: readonly string[],
  { parts, isJson }: Form,
  translate: Translate,
): SignatureInformation {
  const label = new Label(keyword);
  for (const name of names) {
    const says = flagDocs[keyword]?.[name];
    label.add(`[--${name}]`, " ", says && translate(says));
  }
  parts.forEach(([shown, says], at) => {
    // `name=` and what follows it are one word.
    const isJoined = at > 0 && (/=$/.test(parts[at - 1]?.[0] ?? "") || /^\[[:=/]/.test(shown));
    label.add(shown, at === 0 ? (isJson ? " [" : " ") : isJson ? ", " : isJoined ? "" : " ", translate(says));
  });
  const says = keywords[keyword]?.says;
  return label.signature(
    isJson ? (keyword === "COPY" || keyword === "ADD" ? "]" : ", …]") : "",
    says && translate(says),
  );
}

function fromElsewhere({ parts: [source, ...others], ...form }: Form): Form {
  return source ? { ...form, parts: [[source[0], sourceElsewhere], ...others] } : { ...form, parts: others };
}

class Label {
  #text: string;
  readonly #parameters: ParameterInformation[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  add(shown: string, before: string, documentation: string | undefined): void {
    this.#text += before;
    const start = this.#text.length;
    this.#text += shown;
    this.#parameters.push({
      label: [start, this.#text.length],
      ...(documentation !== undefined && { documentation }),
    });
  }

  signature(end: string, documentation: string | undefined): SignatureInformation {
    return {
      label: this.#text + end,
      parameters: this.#parameters,
      ...(documentation !== undefined && { documentation }),
    };
  }
}

/** Flags at the beginning, and what follows; `isInFlag`: the last one is still being written. */
function splitFlags(before: string, hasFlags: boolean) {
  const flags: string[] = [];
  let rest = before.trimStart();
  while (hasFlags && rest.startsWith("-")) {
    const end = /\s/.exec(rest)?.index ?? -1;
    flags.push(end < 0 ? rest : rest.slice(0, end));
    if (end < 0) return { flags, rest: "", isInFlag: true };
    rest = rest.slice(end).trimStart();
  }
  return { flags, rest, isInFlag: false };
}

function flagOf(names: readonly string[], written: string): number {
  const name = written.replace(/^-+/, "").split("=")[0] ?? "";
  const exact = names.indexOf(name);
  return Math.max(0, exact >= 0 ? exact : names.findIndex((one) => one.startsWith(name)));
}

/** Which part of the form the text ends in. */
function partOf(keyword: string, { parts, isJson }: Form, rest: string): number {
  const last = parts.length - 1;
  if (isJson) return Math.min(last, rest.replace(/"(?:\\.|[^"\\])*"?/g, "").split(",").length - 1);
  const words = rest.split(/\s+/);
  const word = words.at(-1) ?? "";
  switch (keyword) {
    case "ENV":
    case "LABEL":
      // `ENV name value` is written without `=`.
      return word.includes("=") || (words.length > 1 && !rest.includes("=")) || isInQuotes(rest) ? 1 : 0;
    case "ARG":
      return word.includes("=") || isInQuotes(rest) ? 1 : 0;
    case "EXPOSE":
      return word.includes("/") ? 1 : 0;
    case "USER":
      return word.includes(":") ? 1 : 0;
    case "FROM":
    case "COPY":
    case "ADD":
      return Math.min(last, words.length - 1);
    case "HEALTHCHECK":
      return words.length > 1 ? last : 0;
    default:
      return 0;
  }
}

function isInQuotes(text: string): boolean {
  return (text.match(/"/g)?.length ?? 0) % 2 === 1;
}

function ofMount(written: string, translate: Translate): SignatureHelp {
  const fields = written.split(",").map((field) => field.split("=", 1)[0]?.toLowerCase() ?? "");
  const type = /(?:^|,)type=(\w+)/.exec(written)?.[1] ?? "bind";
  const keys = ["type", ...(own(keysOf, type) ?? [])];
  const label = new Label("--mount=");
  keys.forEach((key, at) => {
    const says = mountKeyDocs[mountKeys[key] ?? key];
    label.add(at === 0 ? `type=${type}` : key, at === 0 ? "" : ",", says && translate(says));
  });
  const says = own(mountTypeDocs, type);
  const typed = fields.at(-1) ?? "";
  const known = own(mountKeys, typed) ?? typed;
  const found = keys.findIndex((key) => (mountKeys[key] ?? key) === known);
  const begun = keys.findIndex((key) => typed !== "" && key.startsWith(typed));
  // Behind a comma: the first key that is not there yet.
  const next = keys.findIndex((key) => !fields.some((one) => (own(mountKeys, one) ?? one) === (mountKeys[key] ?? key)));
  const active = found >= 0 ? found : begun >= 0 ? begun : Math.max(0, next);
  return { signatures: [label.signature("", says && translate(says))], activeSignature: 0, activeParameter: active };
}
