import { type Dockerfile, type Instruction, readMountFields } from "../../../engine/analysis.ts";
import type { MappedText } from "../../../engine/dockerfile/model.ts";
import { contains } from "../../lint/fixes.ts";
import type { Script } from "../../shell/model.ts";
import { Paint } from "./paint.ts";
import { paintScript } from "./shell-tokens.ts";
import { addToken, bitOf, inFileOrder, numberOf, type Token, type TokenModifier, type TokenType } from "./token.ts";

/** What needs nothing but the instruction and its script, with lines counted from its first one; in file order. */
export function instructionTokens(
  instruction: Instruction,
  dockerfile: Dockerfile,
  script: Script | undefined,
): Token[] {
  const collected = new Collected(dockerfile, instruction.range.start.line);
  const inner = instruction.trigger ?? instruction;
  if (instruction.trigger) collected.word(instruction.keywordWord, "keyword");
  collected.head(inner);
  if (inner.json) collected.strings(inner, script);
  else if (script && script.text !== "") collected.script(inner, script);
  else collected.arguments(inner);
  collected.bodies(inner, script);
  return collected.tokens.sort(inFileOrder);
}

const names = new Set(["ENV", "ARG", "LABEL"]);

class Collected {
  readonly tokens: Token[] = [];
  readonly #dockerfile: Dockerfile;
  readonly #top: number;

  constructor(dockerfile: Dockerfile, top: number) {
    this.#dockerfile = dockerfile;
    this.#top = top;
  }

  word({ range }: Pick<Instruction["keywordWord"], "range">, type: TokenType, ...modifiers: TokenModifier[]): void {
    const bits = modifiers.reduce((all, modifier) => all | bitOf(modifier), 0);
    addToken(this.tokens, range, { type: numberOf(type), modifiers: bits }, this.#dockerfile, this.#top);
  }

  head({ keyword, keywordWord, flags, words }: Instruction): void {
    if (keyword === "MAINTAINER") this.word(keywordWord, "keyword", "deprecated");
    else this.word(keywordWord, "keyword");
    for (const flag of flags) {
      this.word({ range: flag.nameRange }, "property");
      const { value, rawValue } = flag;
      if (!rawValue) continue;
      if (flag.name === "mount") {
        for (const { keyRange } of readMountFields(flag).fields) this.word({ range: keyRange }, "parameter");
      }
      const paint = new Paint(rawValue.text);
      if (/^\d[\w.]*$/.test(value ?? "") && flag.name !== "from") paint.set(0, rawValue.text.length, "number");
      paint.words(0, rawValue.text.length, this.#dockerfile.escape);
      this.#painted(paint, rawValue);
    }
    const [first, second] = words;
    if (keyword === "FROM" && second && /^as$/i.test(second.text)) this.word(second, "keyword");
    if (keyword === "HEALTHCHECK" && first && /^(?:cmd|none)$/i.test(first.text)) this.word(first, "keyword");
  }

  /** Of what is no script. */
  arguments({ keyword, rest, words, heredocs }: Instruction): void {
    const paint = new Paint(rest.text);
    if (keyword === "MAINTAINER") paint.set(0, rest.text.length, "string");
    if (keyword === "HEALTHCHECK" || keyword === "RUN" || keyword === "CMD" || keyword === "ENTRYPOINT") return;
    const escapeCharacter = this.#dockerfile.escape;
    words.forEach(({ text, offset }, at) => {
      // The grammar colours `<<EOF`.
      if (heredocs.length > 0 && text.startsWith("<<")) return;
      const end = offset + text.length;
      if (names.has(keyword)) {
        const equals = text.indexOf("=");
        if (equals > 0 || at === 0 || keyword === "ARG") {
          const nameEnd = equals > 0 ? offset + equals : end;
          paint.set(offset, nameEnd, keyword === "LABEL" ? "property" : "variable");
          if (equals > 0) paint.set(nameEnd, nameEnd + 1, "operator");
        }
      } else if (keyword === "FROM" && at === 0) {
        image(paint, text, offset);
      } else if (keyword === "EXPOSE") {
        const ports = /^\d+(?:-\d+)?/.exec(text);
        if (ports) paint.set(offset, offset + ports[0].length, "number");
      } else if (keyword === "STOPSIGNAL" && at === 0) {
        paint.set(offset, end, /^\d+$/.test(text) ? "number" : "enumMember");
      }
      paint.words(offset, end, escapeCharacter);
    });
    this.#painted(paint, rest);
  }

  script({ rest, heredocs }: Instruction, script: Script): void {
    // Behind the line stand the bodies of heredocs that the script reads.
    const hasBodies = heredocs.length > 0 && script.text.startsWith(`${rest.text}\n`);
    this.#painted(paintScript(script, hasBodies ? rest.text.length : script.text.length), script);
  }

  /** A script in a JSON form is coloured as a script. */
  strings({ json }: Instruction, script: Script | undefined): void {
    const own = script?.inJson && script.text !== "" ? script.rangeOf(0, script.text.length) : undefined;
    for (const { range } of json ?? []) if (!own || !contains(range, own.start)) this.word({ range }, "string");
    if (script && own) this.#painted(paintScript(script, script.text.length), script);
  }

  /** Variables in the bodies of heredocs that the builder reads. */
  bodies({ keyword, heredocs }: Instruction, script: Script | undefined): void {
    if (keyword === "RUN" && script?.text) return;
    for (const { expand, body } of heredocs) {
      if (!expand || !body.text.includes("$")) continue;
      const paint = new Paint(body.text);
      for (const { index, 0: all, 1: before = "" } of body.text.matchAll(/(?<!\\)(\$\{?)[A-Za-z_]\w*/g)) {
        paint.set(index + before.length, index + all.length, "variable");
      }
      this.#painted(paint, body);
    }
  }

  #painted(paint: Paint, place: Pick<MappedText, "rangeOf">): void {
    for (const [start, end, type] of paint.spans()) {
      addToken(this.tokens, place.rangeOf(start, end), { type }, this.#dockerfile, this.#top);
    }
  }
}

/** `registry:5000/name:tag@digest`. */
function image(paint: Paint, text: string, offset: number): void {
  const digest = text.indexOf("@");
  const nameAndTag = digest < 0 ? text : text.slice(0, digest);
  const colon = nameAndTag.indexOf(":", nameAndTag.lastIndexOf("/") + 1);
  const nameEnd = colon < 0 ? nameAndTag.length : colon;
  const set = (start: number, end: number, type: TokenType) => {
    if (!text.slice(start, end).includes("$")) paint.set(offset + start, offset + end, type);
  };
  set(0, nameEnd, "namespace");
  if (colon >= 0) set(colon + 1, nameAndTag.length, "enumMember");
  if (digest >= 0) set(digest + 1, text.length, "enumMember");
}
