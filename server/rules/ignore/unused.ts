import { msg } from "../../../engine/base/message.ts";
import { defineRule } from "../../lint/rule.ts";
import { unusedRule } from "../../lint/suppressions.ts";

/** The runner reports it: only it knows what the comments have silenced. */
export default defineRule({
  id: unusedRule,
  severity: "hint",
  summary: msg("This comment ignores something that is not reported"),
  why: msg("What is ignored in vain hides the next mistake of that kind, and a misspelt name ignores nothing."),
  learn: msg(
    "A comment above an instruction may say that a finding is meant so: # drydock ignore=rule. The comments of hadolint, BuildKit (# check=skip=) and dockerfile-utils are understood too. When the reason for it is gone, the comment should go.",
  ),
  sameAs: [],
  note: msg("Codes of ShellCheck are only judged when ShellCheck has run, and codes of rules that are off never."),
  fix: "suggestion",
  sees: [],
  examples: [
    {
      bad: "FROM node\n# drydock ignore=no/such-rule it was one once\n#                ^^^^^^^^^^^^\nWORKDIR /app\n",
      good: "FROM node\nWORKDIR /app\n",
    },
    {
      bad: "FROM node\n# drydock ignore=ignore/unusd\n#                ^^^^^^^^^^^^\nWORKDIR /app\n",
      good: "FROM node\n# drydock ignore=ignore/unused\nWORKDIR /app\n",
    },
  ],
  fine: ["FROM node\n# an ordinary comment\nWORKDIR /app\n"],
  file: () => [],
});
