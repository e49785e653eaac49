import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { lintText, prepareLint } from "../../server/lint/lint.ts";

/** For each file of the corpus how often each rule reports, so that a change of a rule is seen in a diff. */
export async function score(folder: string): Promise<string> {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".Dockerfile"))
    .sort();
  await prepareLint("powershell");
  return files.map((name) => scoreOf(name, readFileSync(path.join(folder, name), "utf8"))).join("");
}

function scoreOf(name: string, text: string): string {
  const counts = new Map<string, number>();
  for (const { rule } of lintText(text)) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  const lines = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([rule, count]) => `  ${rule} ${count}\n`);
  return `${name}\n${lines.join("")}`;
}
