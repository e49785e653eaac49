import type { Range } from "../../../../engine/base/ranges.ts";
import { version } from "../../../../engine/base/version.ts";
import type { Finding } from "../../../../server/lint/finding.ts";
import type { Rule } from "../../../../server/lint/rule.ts";
import { ruleText } from "../../../../server/lint/rule-page.ts";
import { text } from "../../text.ts";
import type { Format } from "../result.ts";

const levels = { error: "error", warning: "warning", info: "note", hint: "note" } as const;

/** SARIF 2.1.0. Results come first, so that nothing has to be kept but the ids of rules. */
export function sarif(rules: readonly Rule[]): Format {
  const indexes = new Map(rules.map(({ id }, index) => [id, index]));
  const others: string[] = [];
  let isFirst = true;
  const indexOf = (id: string): number => {
    const known = indexes.get(id) ?? rules.length + others.length;
    if (!indexes.has(id)) others.push(id);
    indexes.set(id, known);
    return known;
  };
  return {
    start: () =>
      '{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{"columnKind":"utf16CodeUnits","results":[',
    file: ({ file, findings }) =>
      findings
        .map((finding) => {
          const separator = isFirst ? "\n" : ",\n";
          isFirst = false;
          return separator + JSON.stringify(resultOf(file, finding, indexOf(finding.rule)));
        })
        .join(""),
    end: () => {
      const known = [...rules.map(describe), ...others.map((id) => ({ id }))];
      const driver = { name: "Drydock", version, semanticVersion: version, rules: known };
      return `\n],"tool":${JSON.stringify({ driver })}}]}\n`;
    },
  };
}

function resultOf(file: string, finding: Finding, ruleIndex: number) {
  const { rule, severity, message, range, related = [], fix, alternatives = [] } = finding;
  const artifactLocation = { uri: uriOf(file) };
  const place = (region: Range) => ({ physicalLocation: { artifactLocation, region: regionOf(region) } });
  const fixes = [...(fix ? [fix] : []), ...alternatives].filter(({ edits }) => edits.length > 0);
  return {
    ruleId: rule,
    ruleIndex,
    level: levels[severity],
    message: { text: text(message) },
    locations: [place(range)],
    ...(related.length > 0 && {
      relatedLocations: related.map((one, id) => ({ id, message: { text: text(one.message) }, ...place(one.range) })),
    }),
    ...(fixes.length > 0 && {
      fixes: fixes.map(({ title, edits }) => ({
        description: { text: text(title) },
        artifactChanges: [
          {
            artifactLocation,
            replacements: edits.map((edit) => ({
              deletedRegion: regionOf(edit.range),
              ...(edit.newText !== "" && { insertedContent: { text: edit.newText } }),
            })),
          },
        ],
      })),
    }),
  };
}

function describe(rule: Rule) {
  const { id, severity, summary, why, sameAs } = rule;
  const level = severity === "off" ? "none" : levels[severity];
  return {
    id,
    shortDescription: { text: text(summary) },
    fullDescription: { text: text(why) },
    help: { text: text(why), markdown: ruleText(rule, text) },
    defaultConfiguration: { level, enabled: severity !== "off" },
    properties: { tags: [id.slice(0, id.indexOf("/")), ...sameAs] },
  };
}

function regionOf({ start, end }: Range) {
  return {
    startLine: start.line + 1,
    startColumn: start.character + 1,
    endLine: end.line + 1,
    endColumn: end.character + 1,
  };
}

/** SARIF 2.1.0, 3.4.3: a URI reference with `/`. */
function uriOf(file: string): string {
  const parts = file.replaceAll("\\", "/").split("/").map(encodeURIComponent);
  return file.startsWith("/") ? `file://${parts.join("/")}` : parts.join("/");
}
