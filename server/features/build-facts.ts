import { parse, readMountFields, readPairs } from "../../engine/analysis.ts";
import type { BuildFacts } from "../../engine/base/build-facts.ts";

export function buildFacts(text: string): BuildFacts {
  const { stages, instructions } = parse(text);
  const args = new Map<string, string | undefined>();
  const sources = new Set<string>();
  const secrets = new Set<string>();
  for (const instruction of instructions) {
    const { keyword, flags, words, json } = instruction;
    if (keyword === "ARG") {
      for (const { name, value } of readPairs(instruction).pairs) if (!args.has(name)) args.set(name, value);
    }
    if ((keyword === "COPY" || keyword === "ADD") && !flags.some(({ name }) => name === "from")) {
      const all = json?.map(({ value }) => value) ?? words.map((word) => word.text);
      for (const source of all.slice(0, -1)) if (!/^<<|:\/\/|^git@|\$/.test(source)) sources.add(source);
    }
    for (const flag of keyword === "RUN" ? flags : []) {
      if (flag.name !== "mount" || !flag.rawValue) continue;
      const fields = new Map(readMountFields(flag).fields.map(({ key, value }) => [key, value]));
      if (fields.get("type") === "secret")
        secrets.add(fields.get("id") ?? fields.get("target")?.split("/").at(-1) ?? "");
    }
  }
  const exposed = stages.at(-1)?.instructions.filter(({ keyword }) => keyword === "EXPOSE") ?? [];
  return {
    stages: stages.map(({ name, from }) => ({
      ...(name ? { name: name.text } : {}),
      base: from.words[0]?.text ?? "",
      line: from.range.start.line,
    })),
    args: [...args].map(([name, value]) => ({ name, ...(value === undefined ? {} : { default: value }) })),
    sources: [...sources],
    ports: exposed.flatMap(({ words }) => words.map((word) => word.text)),
    secrets: [...secrets].filter((id) => id !== ""),
  };
}
