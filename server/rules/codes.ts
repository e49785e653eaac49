import { problems } from "../lint/problem-names.ts";
import type { Ignorable } from "../lint/suppressions.ts";
import { rules } from "./rules.ts";

/** Everything that may be named in an ignore comment or in settings. */
export const codes: readonly Ignorable[] = [...rules, ...problems];
