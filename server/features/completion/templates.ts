import type { Template } from "../data/templates/template.ts";
import { templates } from "../data/templates.ts";
import type { Offer } from "./offer.ts";
import type { Place } from "./place.ts";

const syntax = "# syntax=docker/dockerfile:1\n";

/** Whole files; `fitting` suit what lies beside the file. */
export function templateOffers({
  analysis,
  position,
  lineBefore,
}: Place): Record<"fitting" | "others", readonly Offer[]> {
  const { project, dockerfile } = analysis;
  // The syntax line counts only above everything else; the last line end is there already if the file goes on.
  const head = position.line === 0 && !/^\s/.test(lineBefore) ? syntax : "";
  const goesOn = position.line < dockerfile.lines.count - 1;
  const offer = (template: Template): Offer => {
    const text = head + template.text(project);
    return {
      label: template.label,
      kind: "Snippet",
      insert: goesOn ? text.trimEnd() : text,
      filter: `FROM ${template.label}`,
      doc: `template/${template.id}`,
    };
  };
  const fitting = templates.filter((template) => template.fits(project));
  return {
    fitting: fitting.map(offer),
    others: templates.filter((template) => !fitting.includes(template)).map(offer),
  };
}
