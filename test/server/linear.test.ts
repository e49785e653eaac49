// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import assert from "node:assert/strict";
import { type Dockerfile, parse } from "../../engine/analysis.ts";
import { formatMessage } from "../../engine/base/message.ts";
import { Analysis } from "../../server/analysis.ts";
import { codeLenses } from "../../server/features/code-lens.ts";
import { placeAt } from "../../server/features/completion/place.ts";
import { completion } from "../../server/features/completion.ts";
import { folding } from "../../server/features/folding.ts";
import { inlayHints } from "../../server/features/inlay-hints.ts";
import { links } from "../../server/features/links.ts";
import { mergedDefinition, mergedHighlights, mergedHover, mergedSignatureHelp } from "../../server/features/merged.ts";
import { references } from "../../server/features/references.ts";
import { prepareRename, rename } from "../../server/features/rename.ts";
import { selectionRanges } from "../../server/features/selection-ranges.ts";
import { semanticTokens } from "../../server/features/semantic-tokens.ts";
import { symbols } from "../../server/features/symbols.ts";
import { prepareLint } from "../../server/lint/lint.ts";

interface Shape {
  text(lines: number): string;
  /** Of the line in the middle that is asked about, and what of it. */
  readonly asked: string;
}

const shapes: Readonly<Record<string, Shape>> = {
  "many stages": {
    text: (lines) => {
      const stages = Array.from({ length: lines / 5 }, (_, at) => {
        const base = at === 0 ? "alpine" : `s${at - 1}`;
        return `FROM ${base} AS s${at}\nARG V${at}=1\nENV E=$V${at}\nCOPY --from=${at === 0 ? "busybox" : `s${at - 1}`} /a /b\nRUN echo $E $V${at}\n`;
      });
      return stages.join("");
    },
    asked: "$E",
  },
  "one stage with many variables": {
    text: (lines) => {
      const pairs = Array.from(
        { length: lines / 2 },
        (_, at) => `ENV V${at}=\${V${Math.max(0, at - 1)}}\nRUN echo $V${at}\n`,
      );
      return `FROM alpine\n${pairs.join("")}`;
    },
    asked: "$V",
  },
  "one long RUN": {
    text: (lines) => `FROM alpine\nENV A=1\nRUN true \\\n${" && echo $A one \\\n".repeat(lines)} && true\n`,
    asked: "$A",
  },
};

const sideBySide: Shape = {
  text: (lines) => {
    const stages = Array.from({ length: lines / 5 }, (_, at) => `FROM alpine AS s${at}\nENV E=1 V${at}=2\nUSER a\n\n`);
    return stages.map((stage) => `${stage}RUN echo $E\n`).join("");
  },
  asked: "$E",
};

type Place = readonly [analysis: Analysis, position: { line: number; character: number }];
const translate = formatMessage;
const everything = { start: { line: 0, character: 0 }, end: { line: 1e6, character: 0 } };

const features: Readonly<Record<string, (...place: Place) => unknown>> = {
  completion: (analysis, position) => completion(analysis, position, { translate, snippets: true }),
  hover: (analysis, position) => mergedHover(analysis, position, { translate }),
  "signature help": (analysis, position) => mergedSignatureHelp(analysis, position, translate),
  definition: mergedDefinition,
  highlights: mergedHighlights,
  references: (analysis, position) => references(analysis, position, true),
  "prepare rename": prepareRename,
  rename: (analysis, position) => rename(analysis, position, "OTHER"),
  "semantic tokens": (analysis) => semanticTokens(analysis),
  symbols,
  folding,
  links,
  "selection ranges": (analysis, position) => selectionRanges(analysis, [position]),
  "code lenses": (analysis) => codeLenses(analysis, { build: "b", buildToHere: "h", run: "r", debug: "d" }, translate),
  "inlay hints": (analysis) => inlayHints(analysis, everything, { variables: true, images: true, translate }),
};

/** Counts whenever one of the object's properties is read. */
function watch(one: object, read: () => void): void {
  for (const key of ["range", "keyword", "words", "rest", "flags", "text", "from", "instructions"]) {
    if (!(key in one)) continue;
    let value: unknown;
    let isKnown = false;
    const own = Object.getOwnPropertyDescriptor(one, key);
    const parent: unknown = Object.getPrototypeOf(one);
    const get = () => {
      read();
      if (!isKnown) value = own ? (own.get ? own.get.call(one) : own.value) : Reflect.get(parent as object, key, one);
      isKnown = true;
      return value;
    };
    Object.defineProperty(one, key, { get, configurable: true });
  }
}

function watchAll(dockerfile: Dockerfile, read: () => void): void {
  for (const instruction of dockerfile.instructions) {
    for (const word of instruction.words) watch(word, read);
    watch(instruction, read);
  }
  for (const stage of dockerfile.stages) watch(stage, read);
  const { lines } = dockerfile;
  const at = lines.at.bind(lines);
  Object.defineProperty(lines, "at", {
    value: (line: number) => {
      read();
      return at(line);
    },
  });
}

/** How often instructions, stages, words and lines are looked at for one answer about a file that nobody asked about before. */
async function readsFor(
  feature: (...place: Place) => unknown,
  { text, asked }: Shape,
  lines: number,
  prepare: (...place: Place) => unknown = () => {},
): Promise<number> {
  const whole = text(lines);
  const dockerfile = parse(whole);
  let reads = 0;
  watchAll(dockerfile, () => {
    reads += 1;
  });
  const analysis = new Analysis({ uri: "file:///Dockerfile", version: 1, getText: () => whole });
  Object.defineProperty(analysis, "dockerfile", { value: dockerfile });
  const all = whole.split("\n");
  const line = all.findIndex((one, at) => at >= all.length / 2 && one.includes(asked));
  const character = (all[line] ?? "").indexOf(asked) + asked.length;
  await prepare(analysis, { line, character });
  reads = 0;
  await feature(analysis, { line, character });
  return reads;
}

describe("the work for one answer grows as the file does", () => {
  before(() => prepareLint());

  for (const [name, shape] of Object.entries(shapes)) {
    for (const [what, feature] of Object.entries(features)) {
      it(`${what}: ${name}`, async () => {
        const once = await readsFor(feature, shape, 200);
        const twice = await readsFor(feature, shape, 400);
        assert.ok(twice <= 2.3 * once + 50, `${once} reads for 200 lines, ${twice} for 400`);
      });
    }
  }

  const inPlace: Readonly<Record<string, (...place: Place) => unknown>> = {
    "finding an instruction": (analysis, position) => analysis.instructionAt(position),
    "finding what is written": (analysis, position) => placeAt(analysis, position, {}),
    completion: (analysis, position) => completion(analysis, position, { translate, snippets: true }),
    hover: (analysis, position) => mergedHover(analysis, position, { translate }),
    "signature help": (analysis, position) => mergedSignatureHelp(analysis, position, translate),
  };
  for (const [what, feature] of Object.entries(inPlace)) {
    it(`and that of ${what} does not, once the names are known`, async () => {
      const once = await readsFor(feature, sideBySide, 200, feature);
      const often = await readsFor(feature, sideBySide, 1600, feature);
      assert.ok(often <= once + 60, `${once} reads for 200 lines, ${often} for 1,600`);
    });
  }

  it("and a feature that looks at all for each is found out", async () => {
    const squared = ({ dockerfile: { instructions } }: Analysis) =>
      instructions.map((one) => instructions.filter(({ keyword }) => keyword === one.keyword).length);
    const shape = shapes["many stages"] as Shape;
    const once = await readsFor(squared, shape, 200);
    const twice = await readsFor(squared, shape, 400);
    assert.ok(twice > 3 * once, `${once} and ${twice}`);
  });
});
