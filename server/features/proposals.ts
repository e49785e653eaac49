import type { ProjectFiles, ProjectProposals } from "../../engine/base/language-api.ts";
import type { ProjectView } from "../lint/views.ts";
import { commonIgnores, type Template } from "./data/templates/template.ts";
import { templates } from "./data/templates.ts";
import type { Translate } from "./diagnostics.ts";

const syntax = "# syntax=docker/dockerfile:1\n";

/** What a folder's Dockerfile and .dockerignore could be: first of what its files say that it is, then of all else. */
export function proposals(project: ProjectView, translate: Translate): ProjectProposals {
  const propose = (template: Template): ProjectFiles => ({
    id: template.id,
    kind: template.label.replace(/^Dockerfile: /, ""),
    says: translate(template.says),
    dockerfile: syntax + template.text(project),
    dockerignore: ignoreText(template, project),
  });
  const fitting = templates.filter((template) => template.fits(project));
  return {
    fitting: fitting.map(propose),
    others: templates.filter((template) => !fitting.includes(template)).map(propose),
  };
}

/** A Dockerfile that takes a folder by its name takes it whatever is usual. */
export function ignoreText(template: Template, project: ProjectView): string {
  return `${[...commonIgnores, ...template.ignores(project)].join("\n")}\n`;
}
