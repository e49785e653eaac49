/** The pure façade for the language server: what it may use of the engine without any of its effects. */
export { instructionForms, nearest } from "./dockerfile/instructions.ts";
export type {
  Argument,
  Comment,
  Directive,
  Dockerfile,
  Flag,
  Heredoc,
  Instruction,
  JsonString,
  MappedText,
  Problem,
  Stage,
  Word,
} from "./dockerfile/model.ts";
export { type Pair, type Pairs, readPairs } from "./dockerfile/pairs.ts";
export { parse } from "./dockerfile/parse.ts";
