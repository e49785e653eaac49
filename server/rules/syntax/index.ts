import type { Rule } from "../../lint/rule.ts";
import inlineComment from "./inline-comment.ts";
import jsonSingleQuotes from "./json-single-quotes.ts";

export const syntaxRules: readonly Rule[] = [inlineComment, jsonSingleQuotes];
