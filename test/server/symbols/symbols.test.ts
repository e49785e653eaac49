// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import assert from "node:assert/strict";
import type { Dockerfile } from "../../../engine/analysis.ts";
import type { Range } from "../../../engine/base/ranges.ts";
import { Analysis } from "../../../server/analysis.ts";
import { definition } from "../../../server/features/definition.ts";
import { references } from "../../../server/features/references.ts";
import { prepareRename, rename } from "../../../server/features/rename.ts";
import { applyEdits } from "../../../server/lint/fixes.ts";
import { prepareLint } from "../../../server/lint/lint.ts";
import { Linter } from "../../../server/lint/linter.ts";
import { rules } from "../../../server/rules/rules.ts";
import type { Occurrence } from "../../../server/symbols/model.ts";
import { reads } from "../../../server/symbols/names.ts";
import { dockerfiles } from "../../support/dockerfiles.ts";
import { edited, randomNumbers } from "../../support/edits.ts";

const uri = "file:///Dockerfile";
/** More of them with DRYDOCK_FUZZ. */
const rounds = Number(process.env.DRYDOCK_FUZZ ?? 30);

const analyse = (text: string, previous?: Dockerfile, linter = new Linter(rules)) =>
  new Analysis({ uri, version: 1, getText: () => text }, { previous, linter });

/** Stages and variables named in every way. */
const named = [
  ...Object.values(dockerfiles),
  `ARG BASE=alpine TAG
FROM \${BASE}:\${TAG:-3.20} AS base
ARG TAG
ENV PORT=80 \\
    # a comment
    URL=http://localhost:\${PORT:-80}/
ONBUILD COPY --from=base /x /x
FROM base AS build
ARG TAG=2
RUN --network=none --mount=type=bind,from=base,target=/b PORT=1 make $PORT && \\
    echo "\${TAG}" '$TAG' $((PORT + 1))
RUN for TAG in 1 2; do echo $TAG; done; TAG=$TAG:x; echo $TAG
FROM build
COPY --link --from=build --chown=1 a b
COPY --from=0 <<a <<"b" /x/
$PORT
a
$TAG
b
RUN <<EOF
PORT=\${PORT:-1}
cat <<'I'
$PORT
I
echo $PORT
EOF
CMD ["sh", "-c", "exec app \\"$PORT\\""]
`,
  `FROM a AS one
ENV A=1 B=$A
FROM one AS two
ENV A=2
FROM one AS three
ENV A=3 C=\${A:+$B}
RUN echo $A $B $C
FROM three as ONE
COPY --from=One $C /$A
`,
];

/** What a build of the file would see: the variables at the end of each stage, and what stages take from each other. */
function meaning({ views, symbols, dockerfile }: Analysis, nameOf: (name: string) => string) {
  const variables = views.stages.map((view) => {
    // Views of stages nobody can be: past the last instruction everything of the stage holds.
    const end = view.variablesAt({ ...view.stage.from });
    return [...end].map(([name, { kind, value }]) => `${kind} ${nameOf(name)}=${value}`).sort();
  });
  const links = symbols.links.map(({ stage, target, isBase }) => `${stage.index} ${target?.index} ${isBase}`);
  return { variables, links, stages: dockerfile.stages.length };
}

const spot = ({ start, end }: Range) => `${start.line}:${start.character}-${end.line}:${end.character}`;

function agree(analysis: Analysis): void {
  const { symbols, text } = analysis;
  const entities = new Map<string, Occurrence[]>();
  for (const one of symbols.occurrences) entities.set(one.entity, [...(entities.get(one.entity) ?? []), one]);
  for (const [entity, places] of entities) {
    const all = places.map(({ range }) => spot(range));
    for (const one of places) {
      const { start } = one.range;
      const found = symbols.at(start);
      // Where two names touch, the cursor between them belongs to the second.
      assert.equal(found?.entity, entity, spot(one.range));
      assert.deepEqual(
        references(analysis, start, true).map(({ range }) => spot(range)),
        all,
      );
      const origin = definition(analysis, start);
      if (places.some(({ isDefinition }) => isDefinition)) assert.ok(origin && all.includes(spot(origin.range)));
    }
    const first = places.find(({ isNamed }) => isNamed);
    if (first) renamesBack(analysis, first, places);
  }
  assert.equal(analysis.text, text);
}

const fresh = "renamed_for_a_test";

function renamesBack(analysis: Analysis, first: Occurrence, places: readonly Occurrence[]): void {
  const { text } = analysis;
  const result = rename(analysis, first.range.start, fresh);
  const answer = prepareRename(analysis, first.range.start);
  if ("refused" in result) {
    assert.ok(answer === undefined || "refused" in answer, JSON.stringify(result.refused));
    return;
  }
  assert.ok(answer && "start" in answer);
  const edits = result.changes?.[uri] ?? [];
  assert.equal(edits.length, places.filter(({ isNamed }) => isNamed).length);
  const after = analyse(applyEdits(text, edits));
  // A place over a continuation loses it, and all below moves.
  assert.equal(after.symbols.occurrences.length, analysis.symbols.occurrences.length, "as many places as before");
  const old = (name: string) => (first.kind === "variable" ? name.replaceAll(fresh, first.name) : name);
  assert.deepEqual(
    meaning(after, old),
    meaning(analysis, (name) => name),
    "a build does the same",
  );
  const again = after.symbols.occurrences[analysis.symbols.occurrences.indexOf(first)];
  assert.ok(again);
  const written = new Set(edits.map(({ range }) => analysis.textOf(range)));
  const back = rename(after, again.range.start, first.name);
  if ("refused" in back || written.size > 1 || !written.has(first.name)) return;
  assert.equal(applyEdits(after.text, back.changes?.[uri] ?? []), text);
}

const shown = ({ symbols }: Analysis) => ({
  occurrences: symbols.occurrences.map((one) => {
    const { kind, name, range, isDefinition, isWrite, isNamed, stage, entity, instruction } = one;
    return { kind, name, range, isDefinition, isWrite, isNamed, stage, entity, at: instruction.range.start };
  }),
  links: symbols.links.map(({ stage, target, ...one }) => ({ ...one, stage: stage.index, target: target?.index })),
});

describe("symbols", () => {
  before(() => prepareLint("powershell"));

  it("agree with one another: definitions, references and rename, in whole files", () => {
    for (const text of named) agree(analyse(text));
  });

  it("agree in files after random edits, and are those of a file that was opened as it is now", () => {
    const random = randomNumbers(11);
    for (let round = 0; round < rounds; round += 1) {
      const linter = new Linter(rules);
      let analysis = analyse(named[named.length - 1 - (round % named.length)] ?? "", undefined, linter);
      for (let step = 0; step < 8; step += 1) {
        analysis = analyse(edited(analysis.text, random, named), analysis.dockerfile, linter);
        try {
          assert.deepEqual(shown(analysis), shown(analyse(analysis.text)));
          agree(analysis);
        } catch (error) {
          throw new Error(`round ${round}, step ${step}: ${JSON.stringify(analysis.text)}`, { cause: error });
        }
      }
    }
  }).timeout(60_000 + rounds * 1000);

  it("read one instruction again after a key", () => {
    const stage = "FROM a AS s%\nARG V=1\nENV A=$V\nCOPY --from=s0 $A /x\nRUN echo $V \\\n  && V=2 && echo $A\n";
    const text = Array.from({ length: 500 }, (_, at) => stage.replace("%", `${at}`)).join("");
    const linter = new Linter(rules);
    const before = analyse(text, undefined, linter);
    assert.equal(before.symbols.occurrences.length, 500 * 9);
    const first = before.symbols.occurrences[0];
    let previous = before.dockerfile;
    for (const next of [text.replace("$V \\", "$V$A \\"), text.replace("ENV A", "\nENV A")]) {
      reads.count = 0;
      const analysis = analyse(next, previous, linter);
      assert.ok(analysis.symbols.occurrences.length >= 500 * 9);
      assert.ok(reads.count <= 2, `${reads.count} read`);
      assert.equal(analysis.symbols.occurrences[0]?.name, first?.name);
      previous = analysis.dockerfile;
    }
  });

  it("are read in time that grows with the file, whatever is in it", () => {
    const hostile = [
      (count: number) => `FROM a\n${"RUN echo <<a <<b $(( ${\n".repeat(count)}`,
      (count: number) => `FROM a\nARG V\nRUN ${"V=1; echo $V; ".repeat(count)}\n`,
      (count: number) => `FROM a\nARG V\nRUN <<E\n${"cat <<X\n$V\n".repeat(count)}E\n`,
      (count: number) => `FROM a\nRUN ${'"$(('.repeat(count)}$V\n`,
      (count: number) =>
        Array.from({ length: count }, (_, at) => `FROM s${at - 1} AS s${at}\nENV A${at}=$A${at - 1}\n`).join(""),
    ];
    for (const make of hostile) {
      const start = process.cpuUsage();
      assert.ok(analyse(make(2000)).symbols.occurrences.length >= 0);
      const { user, system } = process.cpuUsage(start);
      assert.ok(user + system < 4_000_000, `${make} took ${(user + system) / 1000} ms`);
    }
  }).timeout(60_000);
});
