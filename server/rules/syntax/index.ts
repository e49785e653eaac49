import type { Rule } from "../../lint/rule.ts";
import blankAfterContinuation from "./blank-after-continuation.ts";
import brokenJson from "./broken-json.ts";
import definitionDescription from "./definition-description.ts";
import directiveCasing from "./directive-casing.ts";
import emptyContinuation from "./empty-continuation.ts";
import envSameInstruction from "./env-same-instruction.ts";
import ignorePragma from "./ignore-pragma.ts";
import indentedTerminator from "./indented-terminator.ts";
import inlineComment from "./inline-comment.ts";
import jsonSingleQuotes from "./json-single-quotes.ts";
import keywordCasing from "./keyword-casing.ts";
import lateDirective from "./late-directive.ts";
import legacyPair from "./legacy-pair.ts";
import missingContinuation from "./missing-continuation.ts";
import misspeltDirective from "./misspelt-directive.ts";
import smartQuotes from "./smart-quotes.ts";
import spacedEquals from "./spaced-equals.ts";
import swallowedInstruction from "./swallowed-instruction.ts";

export const syntaxRules: readonly Rule[] = [
  keywordCasing,
  directiveCasing,
  lateDirective,
  misspeltDirective,
  missingContinuation,
  swallowedInstruction,
  emptyContinuation,
  blankAfterContinuation,
  inlineComment,
  jsonSingleQuotes,
  brokenJson,
  smartQuotes,
  indentedTerminator,
  spacedEquals,
  legacyPair,
  envSameInstruction,
  definitionDescription,
  ignorePragma,
];
