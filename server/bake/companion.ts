import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Diagnostic, DiagnosticSeverity, type Location } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { type Message, msg } from "../../engine/base/message.ts";
import type { Companion } from "../companion.ts";
import { readCompose } from "../compose/read.ts";
import { markdown, toItems } from "../features/completion/offer.ts";
import { buildOffers } from "./complete.ts";
import { type DockerfileNames, type KnownDockerfiles, stageNamed } from "./dockerfiles.ts";
import type { BuildFile } from "./model.ts";
import { buildProblems } from "./problems.ts";
import { readBake } from "./read.ts";
import { type Resolved, resolveBuilds } from "./resolve.ts";
import { type BuildSpot, spotAt } from "./spot.ts";

export interface BuildsIn {
  readonly file: BuildFile;
  readonly builds: readonly Resolved[];
}

interface Surroundings {
  readonly dockerfiles: KnownDockerfiles;
  readonly translate: (message: Message) => string;
  readonly suggestCommand?: string | undefined;
}

/** The builds of a Compose or Bake file; `file` is its full path. */
export function readBuilds(text: string, file: string, kind: "compose" | "bake"): BuildsIn {
  const read = kind === "compose" ? readCompose(text) : readBake(text, file.endsWith(".json"));
  return { file: read, builds: resolveBuilds(read, path.dirname(file)) };
}

/** What an editor asks of a Compose or Bake file: only what concerns Dockerfiles. */
export function buildCompanion(
  document: Pick<TextDocument, "uri" | "getText">,
  { file, builds }: BuildsIn,
  { dockerfiles, translate, suggestCommand }: Surroundings,
): Companion {
  const namesOf = (dockerfile: string) => dockerfiles.of(dockerfile);
  return {
    diagnostics() {
      return buildProblems(builds, { namesOf, exists: existsSync }).map(
        ({ code, severity, message, range }): Diagnostic => ({
          range,
          severity: severity === "hint" ? DiagnosticSeverity.Hint : DiagnosticSeverity.Warning,
          code,
          source: "drydock",
          message: translate(message),
        }),
      );
    },
    completion(position) {
      const lines = document.getText().split(/\r?\n/);
      const folder = path.dirname(fileURLToPath(document.uri));
      const offers = buildOffers({ lines, position, folder }, file, builds, namesOf);
      const line = lines[position.line] ?? "";
      const abilities = { snippets: false, translate, ...(suggestCommand !== undefined && { suggestCommand }) };
      return offers ? toItems(offers, { position, line }, abilities) : [];
    },
    hover(position) {
      const spot = spotAt(file, builds, position);
      const text = spot && describe(spot, namesOf);
      return text ? { contents: markdown(text.map((part) => translate(part)).join("\n\n")) } : null;
    },
    definition(position) {
      const spot = spotAt(file, builds, position);
      return (spot && definitionOf(spot, document.uri, builds, namesOf)) ?? null;
    },
    references(position, withDefinition) {
      const spot = spotAt(file, builds, position);
      if (!spot) return [];
      const target = definitionOf(spot, document.uri, builds, namesOf);
      if (!target) return [];
      const all = builds.flatMap((one) => spotsOf(one).filter((other) => sameSpot(other, spot, target)));
      const places = all.map(({ range }) => ({ uri: document.uri, range }));
      return withDefinition ? [target, ...places] : places;
    },
  };

  function spotsOf(one: Resolved): readonly { readonly range: Location["range"]; readonly spot: BuildSpot }[] {
    const { target, args } = one.build;
    return [
      ...(target ? [{ range: target.range, spot: { kind: "target", one, text: target } as const }] : []),
      ...args.map((arg) => ({ range: arg.name.range, spot: { kind: "arg", one, arg } as const })),
    ];
  }

  function sameSpot({ spot: other }: { readonly spot: BuildSpot }, spot: BuildSpot, target: Location): boolean {
    if (other.kind !== spot.kind) return false;
    const found = definitionOf(other, document.uri, builds, namesOf);
    return found !== undefined && JSON.stringify(found) === JSON.stringify(target);
  }
}

function definitionOf(
  spot: BuildSpot,
  uri: string,
  builds: readonly Resolved[],
  namesOf: (dockerfile: string) => DockerfileNames | undefined,
): Location | undefined {
  if (spot.kind === "build") {
    const found = builds.find(({ build }) => build.name.text === spot.text.text);
    return found && { uri, range: found.build.name.range };
  }
  const { dockerfile } = spot.one;
  const names = dockerfile === undefined ? undefined : namesOf(dockerfile);
  if (!names || dockerfile === undefined) return undefined;
  if (spot.kind === "arg") {
    const arg = names.args.find(({ name }) => name === spot.arg.name.text);
    return arg && { uri: names.uri, range: arg.range };
  }
  if (spot.kind === "target") {
    const stage = stageNamed(names, spot.text.text);
    return stage && { uri: names.uri, range: stage.range };
  }
  const start = { line: 0, character: 0 };
  return { uri: pathToFileURL(dockerfile).href, range: { start, end: start } };
}

function describe(
  spot: BuildSpot,
  namesOf: (dockerfile: string) => DockerfileNames | undefined,
): readonly Message[] | undefined {
  if (spot.kind === "build") return undefined;
  const { dockerfile } = spot.one;
  const names = dockerfile === undefined ? undefined : namesOf(dockerfile);
  if (!names || dockerfile === undefined) return undefined;
  if (spot.kind === "arg") {
    const { name, value } = spot.arg;
    const declared = names.args.filter((arg) => arg.name === name.text);
    if (declared.length === 0) return undefined;
    const byDefault = declared.find((arg) => arg.value !== undefined)?.value;
    return [
      byDefault === undefined
        ? msg("`ARG {name}` of the Dockerfile. It has no value of its own.", { name: name.text })
        : msg("`ARG {name}` of the Dockerfile. Its own value is `{value}`.", { name: name.text, value: byDefault }),
      ...(value === byDefault && value !== undefined ? [msg("The same value is given here.")] : []),
    ];
  }
  if (spot.kind === "target") {
    const stage = stageNamed(names, spot.text.text);
    return (
      stage && [
        msg("Stage {name}: FROM `{base}`, steps: {steps}.", {
          name: stage.name ?? stage.index,
          base: stage.base,
          steps: stage.steps,
        }),
      ]
    );
  }
  return [msg("Built with `{file}`.", { file: dockerfile })];
}
