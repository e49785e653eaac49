import { problemCodes } from "../../engine/analysis.ts";
import { type Message, msg } from "../../engine/base/message.ts";
import type { Preset, Rule } from "./rule.ts";
import { type InWords, ruleText } from "./rule-page.ts";

// The pages that .ci/generate.mjs writes.

const tools = { hadolint: "hadolint", buildkit: "BuildKit", "dockerfile-utils": "dockerfile-utils" } as const;

/** server/rules/README.md: every rule, and for every code of other linters the rules that stand for it. */
export function rulesIndex(rules: readonly Rule[]): string {
  const sorted = byId(rules);
  const rows = sorted.map((rule) => {
    const link = `[${rule.id}](${categoryOf(rule)}/README.md#${anchorOf(rule.id)})`;
    const levels = (["recommended", "strict", "learner"] as const).map((preset) => levelOf(rule, preset));
    return [link, ...levels, rule.fix, ...toolNames.map((tool) => codesOf(rule.sameAs, tool))];
  });
  const problems = Object.entries(problemCodes).map(([id, { severity, fatal, sameAs }]) => [
    `\`${id}\``,
    fatal ? `${severity}, cannot be ignored` : severity,
    ...toolNames.map((tool) => codesOf(sameAs, tool)),
  ]);
  const everything = [...sorted, ...Object.entries(problemCodes).map(([id, { sameAs }]) => ({ id, sameAs }))];
  return [
    "# Rules",
    "<!-- Generated from server/rules by .ci/generate.mjs: change it there. -->",
    "How serious a rule is, or that it is off, is said in the setting `drydock.lint.rules`, in `drydock.yaml` or in `.hadolint.yaml`, " +
      "by its id or by any code that other linters have for it. `drydock lint --explain CODE` prints a rule's page.",
    table(["Rule", "recommended", "strict", "learner", "Fix", ...Object.values(tools)], rows),
    "## Problems of the parser",
    "What the builder itself would refuse or misread.",
    table(["Problem", "Severity", ...Object.values(tools)], problems),
    ...toolNames.flatMap((tool) => [`## Codes of ${tools[tool]}`, table(["Code", "Here"], codeRows(everything, tool))]),
  ]
    .join("\n\n")
    .concat("\n");
}

/** README.md of a category: the pages of its rules. */
export function categoryPage(category: string, rules: readonly Rule[], inWords: InWords): string {
  const own = byId(rules).filter((rule) => categoryOf(rule) === category);
  const pages = own.map((rule) => `## ${rule.id}\n\n${ruleText(rule, inWords)}`);
  return `# ${category}\n\n<!-- Generated from the rules by .ci/generate.mjs: change it there. -->\n\n${pages.join("\n")}`;
}

export function categoriesOf(rules: readonly Rule[]): readonly string[] {
  return [...new Set(byId(rules).map(categoryOf))];
}

const severities = ["off", "hint", "info", "warning", "error"];

/** The setting `drydock.lint.rules` of the manifest. */
export function rulesSetting(rules: readonly Rule[], description: string): object {
  return {
    type: "object",
    default: {},
    scope: "window",
    // The names are what an editor offers; names of other linters are welcome too.
    properties: Object.fromEntries(byId(rules).map(({ id }) => [id, true])),
    patternProperties: { "": { type: "string", enum: severities } },
    markdownDescription: description,
  };
}

/** JSON Schema of drydock.yaml. */
export function configSchema(rules: readonly Rule[], inWords: InWords): object {
  const say = (message: Message) => ({ description: inWords(message) });
  const registries = { type: "array", items: { type: "string" } };
  const labels = { enum: ["text", "url", "rfc3339", "semver", "hash", "spdx", "email"] };
  const names = byId(rules).map((rule) => [rule.id, { ...say(rule.summary), enum: severities }]);
  const lint = {
    ...say(msg("How Dockerfiles are checked")),
    type: "object",
    additionalProperties: false,
    properties: {
      preset: { ...say(msg("How much is reported")), enum: ["recommended", "strict", "learner"] },
      rules: {
        ...say(msg("Severity by a rule's id, or by another linter's code for it")),
        type: "object",
        properties: Object.fromEntries(names),
        additionalProperties: { enum: severities },
      },
      trustedRegistries: {
        ...say(msg("Registries that images may come from; * at one end stands for anything")),
        ...registries,
      },
      labelSchema: {
        ...say(msg("Labels that every image must have, and what they hold")),
        type: "object",
        additionalProperties: labels,
      },
      strictLabels: { ...say(msg("Labels outside the schema are reported")), type: "boolean" },
      ignoreComments: { ...say(msg("Whether comments may silence findings")), type: "boolean", default: true },
      threshold: {
        ...say(msg("From this severity on drydock lint fails")),
        enum: ["error", "warning", "info", "hint", "none"],
        default: "warning",
      },
      context: { ...say(msg("The build context's folder, seen from this file")), type: "string" },
    },
  };
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "drydock.yaml",
    type: "object",
    additionalProperties: false,
    properties: { lint },
  };
}

type Tool = keyof typeof tools;
const toolNames = Object.keys(tools) as readonly Tool[];

function byId<T extends { readonly id: string }>(rules: readonly T[]): readonly T[] {
  return [...rules].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function categoryOf({ id }: Rule): string {
  return id.slice(0, id.indexOf("/"));
}

function levelOf({ severity, presets }: Rule, preset: Preset): string {
  return preset === "recommended" ? severity : (presets?.[preset] ?? severity);
}

function codesOf(sameAs: readonly string[], tool: Tool): string {
  return sameAs.flatMap((twin) => (twin.startsWith(`${tool}:`) ? `\`${twin.slice(tool.length + 1)}\`` : [])).join(" ");
}

function codeRows(
  rules: readonly { readonly id: string; readonly sameAs: readonly string[] }[],
  tool: Tool,
): string[][] {
  const byCode = new Map<string, string[]>();
  for (const { id, sameAs } of rules) {
    for (const twin of sameAs) {
      if (!twin.startsWith(`${tool}:`)) continue;
      const code = twin.slice(tool.length + 1);
      byCode.set(code, [...(byCode.get(code) ?? []), `\`${id}\``]);
    }
  }
  const natural = new Intl.Collator("en", { numeric: true });
  return [...byCode].sort(([a], [b]) => natural.compare(a, b)).map(([code, ids]) => [`\`${code}\``, ids.join(", ")]);
}

/** GitHub's anchor of a heading. */
function anchorOf(heading: string): string {
  return heading.toLowerCase().replace(/[^\w\- ]/g, "");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell || " ").join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
