import { parse } from "../../engine/analysis.ts";
import { rules } from "../rules/rules.ts";
import { checkScripts, ShellCheck } from "../shell/shellcheck.ts";
import type { Finding, LintInput } from "./finding.ts";
import { prepareLint } from "./lint.ts";
import { Linter } from "./linter.ts";

/** Everything that can be said of texts, for the command line: the rules, and ShellCheck when it is wanted and there. */
export class FullCheck {
  readonly #shellCheck: ShellCheck | undefined;

  constructor({ shellCheck }: { readonly shellCheck: boolean }) {
    this.#shellCheck = shellCheck ? new ShellCheck() : undefined;
  }

  async findings(text: string, input: LintInput): Promise<readonly Finding[]> {
    await prepareLint(text);
    const dockerfile = parse(text);
    const linter = new Linter(rules);
    if (!this.#shellCheck || this.#shellCheck.isMissing) return linter.check(dockerfile, input);
    const findings = await checkScripts(this.#shellCheck, linter.scripts(dockerfile, input).flat(), text);
    if (this.#shellCheck.isMissing) return linter.check(dockerfile, input);
    return linter.check(dockerfile, { ...input, shellCheck: { findings, isComplete: true } });
  }
}
