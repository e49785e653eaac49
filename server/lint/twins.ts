import type { Finding } from "./finding.ts";
import { touches } from "./fix-all.ts";

/** What rules found that ShellCheck finds too, so that it is said once: in the rule's words, which have a translation. */
export class Twins {
  readonly #byCode = new Map<string, Finding[]>();

  add(finding: Finding): void {
    for (const code of finding.sameAs) {
      if (!isShellCheck(code)) continue;
      const known = this.#byCode.get(code);
      if (known) known.push(finding);
      else this.#byCode.set(code, [finding]);
    }
  }

  /** Was this finding of ShellCheck reported by a rule, at this place? */
  has({ sameAs, range }: Finding): boolean {
    if (this.#byCode.size === 0) return false;
    return sameAs.some((code) => this.#byCode.get(code)?.some((rule) => touches(rule.range, range)));
  }
}

function isShellCheck(code: string): boolean {
  return code.startsWith("hadolint:SC") || code.startsWith("shellcheck:SC");
}
