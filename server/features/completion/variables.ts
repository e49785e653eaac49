// biome-ignore-all lint/suspicious/noTemplateCurlyInString: places to fill in
import { msg } from "../../../engine/base/message.ts";
import { platformArguments } from "../../lint/known-variables.ts";
import type { VariableView } from "../../lint/views.ts";
import type { Offer, Offers } from "./offer.ts";
import { type Place, variablesAt } from "./place.ts";

const expanding = new Set(
  "FROM ADD COPY ENV ARG EXPOSE LABEL STOPSIGNAL USER VOLUME WORKDIR RUN CMD ENTRYPOINT HEALTHCHECK".split(" "),
);
/** Read when the container runs: what ARG declared is gone by then. */
const atRunTime = new Set(["CMD", "ENTRYPOINT", "HEALTHCHECK"]);
/** Of the builder, without a declaration. */
const proxies = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"];
const ofShells = ["PATH", "HOME", "PWD"];

const mostShown = 300;

/** Forms of `${NAME…}`, as places to fill in. */
const forms: readonly (readonly [plain: string, snippet: string])[] = [
  [":-default", ":-${1:default}"],
  [":+text", ":+${1:text}"],
  [":?message", ":?${1:message}"],
  ["#prefix", "#${1:prefix}"],
  ["%suffix", "%${1:suffix}"],
  ["/from/to", "/${1:from}/${2:to}"],
];

/** Behind `$` or `${`. */
export function ofVariable(place: Place): Offers | undefined {
  const { lineBefore, line, position, keyword, analysis } = place;
  const found = /(.?)\$(\{?)(\w*)$/.exec(lineBefore);
  if (!found) return undefined;
  const isText =
    keyword !== "RUN" && place.kind === "heredoc" && place.instruction?.heredocs.some(({ expand }) => !expand);
  const isLiteral = isText || isBareArray(place);
  if (found[1] === analysis.dockerfile.escape || found[1] === "$" || !expanding.has(keyword) || isLiteral) {
    return { typed: "", offers: [] };
  }
  const [, , brace, typed = ""] = found;
  const rest = line.slice(position.character);
  const isOpen = brace === "{";
  const close = isOpen && !/^[^\s{}$"']*\}/.test(rest) ? "}" : "";
  const known = [...variables(place)];
  // Of more than anybody reads, those that fit what is typed.
  const all = known.length > mostShown ? known.filter(({ label }) => label.startsWith(typed)) : known;
  const offers = all.slice(0, mostShown).map((one): Offer => ({ ...one, insert: `${one.label}${close}` }));
  if (isOpen && all.some(({ label }) => label === typed)) {
    for (const [plain, snippet] of forms) {
      offers.push({
        label: `${typed}${plain}`,
        kind: "Snippet",
        insert: `${typed}${plain}${close}`,
        snippet: `${typed}${snippet}${close}`,
      });
    }
  }
  return { typed, tail: /^\w*/, offers, isIncomplete: all.length > mostShown };
}

/** `["program", "$A"]` runs without a shell, and the program gets the letters; `["sh", "-c", "$A"]` has one. */
function isBareArray({ kind, keyword, before, instruction }: Place): boolean {
  // `RUN [ "$A" = 1 ]` is a command.
  const mayBe = keyword === "RUN" ? instruction?.json !== undefined : atRunTime.has(keyword);
  if (kind !== "arguments" || !mayBe) return false;
  const array = /^(?:--\S+\s+)*(?:CMD\s+)?\[(.*)$/is.exec(before)?.[1];
  return array !== undefined && !/^\s*"(?:[^"]*[/\\])?(?:\w*sh|powershell|cmd)(?:\.exe)?"\s*,/i.test(array);
}

/** Likeliest first: declared nearest to the cursor, then what the builder sets. */
export function* variables(place: Place): Generator<Offer> {
  const { keyword, stage, outer } = place;
  const inFrom = !stage || outer === stage.from;
  const known = [...variablesAt(place).values()].filter(({ kind }) => kind === "ENV" || !atRunTime.has(keyword));
  const line = ({ instruction }: VariableView) => instruction.range.start.line;
  for (const variable of known.sort((a, b) => line(b) - line(a))) {
    yield { label: variable.name, kind: "Variable", detail: detailOf(variable) };
  }
  const names = new Set(known.map(({ name }) => name));
  const others = inFrom
    ? [...platformArguments]
    : keyword === "RUN"
      ? [...ofShells, ...proxies]
      : atRunTime.has(keyword)
        ? ofShells
        : [];
  for (const label of others) {
    if (!names.has(label)) yield { label, kind: "Constant", detail: msg("predefined") };
  }
}

function detailOf({ kind, value }: VariableView): string {
  const shown = value === undefined ? "" : ` = ${value.length > 60 ? `${value.slice(0, 60)}…` : value}`;
  return `${kind}${shown}`;
}
