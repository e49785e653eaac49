import { problemCodes } from "../../engine/analysis.ts";
import type { Ignorable } from "./suppressions.ts";

/** Kinds of problems that the parser finds, as far as comments and settings name them. */
export const problems: readonly Ignorable[] = Object.entries(problemCodes).map(([id, { sameAs }]) => ({ id, sameAs }));
