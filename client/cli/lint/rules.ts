import { msg } from "../../../engine/base/message.ts";
import type { ConfigLayer } from "../../../server/lint/config.ts";
import { mergeConfig, severityOf } from "../../../server/lint/config.ts";
import { pageOf } from "../../../server/rules/pages.ts";
import { rules } from "../../../server/rules/rules.ts";
import { UsageError } from "../command.ts";
import { table } from "../table.ts";
import { text } from "../text.ts";

/** All rules with the severity that they would have. */
export function listRules(layer: ConfigLayer, format: string): string {
  const config = mergeConfig([layer], rules);
  const listed = [...rules].sort((a, b) => (a.id < b.id ? -1 : 1));
  if (format === "json") {
    const entries = listed.map((rule) => {
      const { id, fix, sameAs, summary } = rule;
      return { id, severity: severityOf(rule, config), fix, sameAs, summary: text(summary) };
    });
    return `${JSON.stringify(entries, null, 2)}\n`;
  }
  return table(listed.map((rule) => [severityOf(rule, config), rule.id, rule.sameAs.join(" ")]));
}

/** The pages of everything that a name stands for. */
export function explain(name: string): string {
  const page = pageOf(name, text);
  if (page === undefined) throw new UsageError(text(msg("There is no rule {code}", { code: name })));
  return page;
}
