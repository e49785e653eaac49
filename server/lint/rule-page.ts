import type { Message } from "../../engine/base/message.ts";
import { msg } from "../../engine/base/message.ts";
import type { Example, Rule } from "./rule.ts";

/** A message in the reader's language. */
export type InWords = (message: Message) => string;

/** A rule's page as Markdown. */
export function rulePage(rule: Rule, inWords: InWords): string {
  return `# ${rule.id}\n\n${ruleText(rule, inWords)}`;
}

/** The page without its title. */
export function ruleText(rule: Rule, inWords: InWords): string {
  const { summary, why, learn, note, examples, options = [] } = rule;
  const example = examples.find(({ good }) => good !== undefined) ?? examples[0];
  const parts = [
    `**${inWords(summary)}**`,
    inWords(why),
    learn && inWords(learn),
    facts(rule, inWords),
    ...(example ? exampleOf(example, inWords) : []),
    options.length > 0 && inWords(msg("Options: {names}", { names: options.map((name) => `\`${name}\``).join(", ") })),
    note && `> ${inWords(note)}`,
    inWords(
      msg("To keep it as it is, write above the instruction: {comment}", {
        comment: `\`# drydock ignore=${rule.id}\``,
      }),
    ),
  ];
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

function facts({ severity, presets = {}, sameAs, fix }: Rule, inWords: InWords): string {
  const others = Object.entries(presets).map(([preset, level]) => `${preset}: ${level}`);
  const lines = [
    inWords(msg("Severity: {severity}", { severity: [severity, ...others].join(", ") })),
    inWords(fixes[fix]),
    ...(sameAs.length > 0
      ? [inWords(msg("In other tools: {names}", { names: sameAs.map(otherName).join(", ") }))]
      : []),
  ];
  return lines.map((line) => `- ${line}`).join("\n");
}

const fixes = {
  safe: msg("Fix: safe, it keeps what the image does"),
  suggestion: msg("Fix: a suggestion to look at"),
  none: msg("Fix: none"),
} as const;

const tools: Readonly<Record<string, string>> = {
  hadolint: "hadolint",
  buildkit: "BuildKit",
  "dockerfile-utils": "dockerfile-utils",
  shellcheck: "ShellCheck",
};

/** `hadolint:DL3025` → `DL3025` of hadolint. */
function otherName(twin: string): string {
  const [tool = "", code = ""] = twin.split(":", 2);
  return `${tools[tool] ?? tool} \`${code}\``;
}

function exampleOf({ bad, good, files }: Example, inWords: InWords): readonly string[] {
  const listed = Object.keys(files ?? {}).map((name) => `\`${name}\``);
  return [
    code(bad),
    ...(good === undefined ? [] : [`${inWords(msg("Better:"))}`, code(good)]),
    ...(listed.length > 0 ? [inWords(msg("Beside it: {names}", { names: listed.join(", ") }))] : []),
  ];
}

/** Without the lines that mark where the rule reports. */
function code(marked: string): string {
  const lines = marked.replace(/\s+$/, "").split("\n");
  return ["```dockerfile", ...lines.filter((line) => !/^# *\^+(?:\.\.\.)?\s*$/.test(line)), "```"].join("\n");
}
