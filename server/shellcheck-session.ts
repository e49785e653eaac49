import type { Finding } from "./lint/finding.ts";
import { checkScripts, type ScriptToCheck, ShellCheck } from "./shell/shellcheck.ts";
import { type MissingNotice, missingNotice } from "./shell/shellcheck-missing.ts";

/** One version of a document that has been checked by the rules. */
export interface ShellCheckTarget {
  readonly uri: string;
  readonly version: number;
  readonly text: string;
  /** Of all RUN, CMD, ENTRYPOINT and HEALTHCHECK; asked only when it comes to that. */
  scripts(): readonly ScriptToCheck[];
}

export interface ShellCheckSettings {
  /** Off when the person says so, and in a workspace that is not trusted: a setting could name any program. */
  readonly enabled: boolean;
  /** Empty: `shellcheck` on PATH. */
  readonly path: string;
}

export interface ShellCheckHooks {
  /** Findings of that version are there; ask `findings` for them. */
  readonly changed: (uri: string) => void;
  /** At most once. */
  readonly missing: (notice: MissingNotice) => void;
  /** How long a document must be left alone first. */
  readonly delayMs?: number;
}

interface Known {
  readonly version: number;
  readonly findings: readonly Finding[];
}

/** ShellCheck's findings arrive after the rules' own, for the newest version only; an edit stops what is under way. */
export class ShellCheckSession {
  readonly #hooks: ShellCheckHooks;
  readonly #known = new Map<string, Known>();
  readonly #waiting = new Map<string, AbortController>();
  #settings: ShellCheckSettings = { enabled: false, path: "" };
  #shellCheck = new ShellCheck();
  #told = false;

  constructor(hooks: ShellCheckHooks) {
    this.#hooks = hooks;
  }

  /** What was known is forgotten; check again what is open. */
  configure(settings: ShellCheckSettings): void {
    if (settings.enabled === this.#settings.enabled && settings.path === this.#settings.path) return;
    this.#settings = settings;
    this.#shellCheck = new ShellCheck(settings.path === "" ? {} : { program: settings.path });
    for (const uri of this.#waiting.keys()) this.#stop(uri);
    this.#known.clear();
  }

  /** To be merged with the rules' findings of the same version; empty until they are there. */
  findings(uri: string, version: number): readonly Finding[] {
    const known = this.#known.get(uri);
    return known?.version === version ? known.findings : [];
  }

  /** Call it after the fast diagnostics of a version went out. Asked for the same version again it does nothing. */
  check(target: ShellCheckTarget): void {
    const { uri, version } = target;
    if (!this.#settings.enabled || this.#shellCheck.isMissing || this.#known.get(uri)?.version === version) return;
    this.#stop(uri);
    const controller = new AbortController();
    this.#waiting.set(uri, controller);
    const timer = setTimeout(() => void this.#run(target, controller), this.#hooks.delayMs ?? 300);
    controller.signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  }

  close(uri: string): void {
    this.#stop(uri);
    this.#known.delete(uri);
  }

  dispose(): void {
    for (const uri of this.#waiting.keys()) this.#stop(uri);
  }

  #stop(uri: string): void {
    this.#waiting.get(uri)?.abort();
    this.#waiting.delete(uri);
  }

  async #run(target: ShellCheckTarget, controller: AbortController): Promise<void> {
    const shellCheck = this.#shellCheck;
    const findings = await checkScripts(shellCheck, target.scripts(), target.text, controller.signal);
    if (controller.signal.aborted) return;
    this.#waiting.delete(target.uri);
    if (shellCheck.isMissing) return this.#tell();
    this.#known.set(target.uri, { version: target.version, findings });
    this.#hooks.changed(target.uri);
  }

  #tell(): void {
    if (this.#told) return;
    this.#told = true;
    this.#hooks.missing(missingNotice());
  }
}
