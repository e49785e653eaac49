/** The pure façade for the language server: what it may use of the engine without any of its effects. */
export { needsContent, vertexKey } from "./cache/keys.ts";
export {
  type ExpandError,
  type ExpandOptions,
  expandWord,
  expandWords,
  type Variables,
  type VariableUse,
  variablesIn,
} from "./dockerfile/expand.ts";
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
export { type ShellCommand, type ShellWord, splitCommands } from "./dockerfile/shell-words.ts";
export { type Span, splitAtBlanks } from "./dockerfile/words.ts";
export type { BaseImage, BuildGraph, Op, Vertex } from "./graph/graph.ts";
export { inputsOf } from "./graph/inputs.ts";
export { basesOf, type LowerOptions, lower } from "./graph/lower.ts";
export type { BaseReference, PlanOptions } from "./graph/plan.ts";
export { formatPlatform, hostPlatform, parsePlatform } from "./oci/platform.ts";
