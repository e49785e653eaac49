import { compiledTemplates } from "./templates/compiled.ts";
import { nodeTemplates } from "./templates/node.ts";
import { pythonTemplates } from "./templates/python.ts";
import { scriptTemplates } from "./templates/scripts.ts";
import { site } from "./templates/static.ts";
import type { Template } from "./templates/template.ts";

/** What fits better comes first. */
export const templates: readonly Template[] = [
  ...nodeTemplates,
  ...pythonTemplates,
  ...compiledTemplates,
  ...scriptTemplates,
  site,
];
