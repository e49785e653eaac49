/**
 * The pure façade for the language server: what it uses of the engine, without any of its effects. `lower`, `vertexKey` and
 * the rest of graph/ and cache/ come in here with the forecast.
 */
export { expandWord } from "./dockerfile/expand.ts";
export { expansionsOf } from "./dockerfile/expansions.ts";
export { flagText } from "./dockerfile/flag-text.ts";
export { continuationAt } from "./dockerfile/head.ts";
export { instructionForms, nearest } from "./dockerfile/instructions.ts";
export type { Dockerfile, Instruction, MappedText, Stage } from "./dockerfile/model.ts";
export { mountKeys, mountTypes, readMountFields, sharingModes } from "./dockerfile/mount-flag.ts";
export { readPairs } from "./dockerfile/pairs.ts";
export { parse, reparse } from "./dockerfile/parse.ts";
export { problemCodes } from "./dockerfile/problem-codes.ts";
export { describe } from "./graph/stage-state.ts";
