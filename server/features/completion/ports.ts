import { knownImage } from "../data/bases.ts";
import type { Offer } from "./offer.ts";
import { type Place, variablesAt, viewAt } from "./place.ts";

const sources = [
  ..."server app index main"
    .split(" ")
    .flatMap((name) => [`${name}.js`, `${name}.mjs`, `${name}.ts`, `src/${name}.js`, `src/${name}.ts`]),
  ..."app main server manage".split(" ").flatMap((name) => [`${name}.py`, `src/${name}.py`]),
  "main.go",
  "cmd/main.go",
  "src/main.rs",
  "config.ru",
  "package.json",
  "src/main/resources/application.properties",
];
const inCode = [
  /\blisten\s*\(\s*(\d{2,5})\b/g,
  /\bport\b["']?\s*(?:=|:|\|\||\?\?|,)\s*(?:[^\n;]{0,60}?(?:\|\||\?\?|,|:)\s*)?["']?(\d{2,5})\b/gi,
  /["'`](?:0\.0\.0\.0|localhost|127\.0\.0\.1)?:(\d{2,5})["'`]/g,
  /server\.port\s*=\s*(\d{2,5})/g,
  /\s(?:-p|--port)[ =](\d{2,5})\b/g,
];

const starting = new Set(["HEALTHCHECK", "CMD", "ENTRYPOINT"]);

/** Ports that the file, the code beside it and the base image speak of. */
export function portOffers(place: Place): readonly Offer[] {
  const { analysis, instruction } = place;
  const found = new Map<string, Offer>();
  const add = (label: string, detail?: string) => {
    const number = Number(label);
    const isPort = label.startsWith("$") || (number > 0 && number < 65_536);
    if (isPort && !found.has(label))
      found.set(label, { label, kind: "Value", ...(detail !== undefined && { detail }) });
  };
  for (const { name, value } of variablesAt(place).values()) {
    if (!/port$/i.test(name)) continue;
    add(`$${name}`, value === undefined ? undefined : `= ${value}`);
    if (value !== undefined && /^\d+$/.test(value)) add(value, name);
  }
  const view = viewAt(place);
  for (const one of view?.stage.instructions ?? []) {
    if (one === instruction || !starting.has(one.keyword)) continue;
    for (const [, port = ""] of one.rest.text.matchAll(
      /(?:localhost|127\.0\.0\.1|0\.0\.0\.0):(\d+)|--?p(?:ort)?[ =",]+(\d+)/g,
    ))
      add(port, one.keyword);
  }
  for (const name of sources) {
    const text = analysis.project.text(name)?.slice(0, 20_000);
    if (text === undefined) continue;
    for (const pattern of inCode) for (const [, port = ""] of text.matchAll(pattern)) add(port, name);
  }
  for (let one = view; one; one = one.parent)
    for (const port of knownImage(one.base)?.ports ?? []) add(String(port), one.base.text);
  for (const port of ["8080", "3000", "8000", "80", "443"]) add(port);
  return [...found.values()];
}
