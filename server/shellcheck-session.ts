import type { Finding, ShellCheckFindings } from "./lint/finding.ts";
import type { StageScripts } from "./lint/stage-scripts.ts";
import { checkScripts, ShellCheck } from "./shell/shellcheck.ts";
import { type MissingNotice, missingNotice } from "./shell/shellcheck-missing.ts";

/** One version of a document. */
export interface ShellCheckTarget {
  readonly uri: string;
  readonly version: number;
  readonly text: string;
  /** Asked only when ShellCheck is on. */
  scripts(): readonly StageScripts[];
}

export interface ShellCheckSettings {
  /** Off when the person says so, and in a workspace that is not trusted: a setting could name any program. */
  readonly enabled: boolean;
  /** Empty: `shellcheck` on PATH. */
  readonly path: string;
}

export interface ShellCheckHooks {
  /** More is known of that document; ask `findings` again. */
  readonly changed: (uri: string) => void;
  /** At most once. */
  readonly missing: (notice: MissingNotice) => void;
  /** How long a document must be left alone first. */
  readonly delayMs?: number;
}

/** What is known of scripts is there at once; what is not arrives later, and an edit stops what is under way. */
export class ShellCheckSession {
  readonly #hooks: ShellCheckHooks;
  /** The newest version of each document that was looked at to the end, or is about to be. */
  readonly #asked = new Map<string, number>();
  readonly #waiting = new Map<string, AbortController>();
  /** Of stages all of whose scripts are known. */
  #known = new WeakMap<StageScripts, readonly Finding[]>();
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
    this.#asked.clear();
    this.#known = new WeakMap();
  }

  /** Of all scripts whose text was seen before; the others are looked at once the document is left alone. Undefined: it is off. */
  findings(target: ShellCheckTarget): ShellCheckFindings | undefined {
    if (!this.#settings.enabled || this.#shellCheck.isMissing) return undefined;
    const lists = target.scripts().map((scripts) => this.#ofStage(scripts, target.text));
    const isComplete = lists.every((list) => list.isComplete);
    if (isComplete) this.#stop(target.uri);
    else this.#check(target);
    return { findings: lists.flatMap(({ findings }) => findings), isComplete };
  }

  #ofStage(scripts: StageScripts, text: string): ShellCheckFindings {
    const known = this.#known.get(scripts);
    if (known) return { findings: known, isComplete: true };
    const each = scripts.map((script) => this.#shellCheck.known(script, text));
    const findings = each.flatMap((one) => one ?? []);
    const isComplete = each.every((one) => one !== undefined);
    if (isComplete) this.#known.set(scripts, findings);
    return { findings, isComplete };
  }

  /** Each version once: a script that takes too long is not asked about again until something changes. */
  #check(target: ShellCheckTarget): void {
    const { uri, version } = target;
    if (this.#asked.get(uri) === version) return;
    this.#stop(uri);
    this.#asked.set(uri, version);
    const controller = new AbortController();
    this.#waiting.set(uri, controller);
    const timer = setTimeout(() => void this.#run(target, controller), this.#hooks.delayMs ?? 300);
    controller.signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  }

  close(uri: string): void {
    this.#stop(uri);
    this.#asked.delete(uri);
  }

  dispose(): void {
    for (const uri of this.#waiting.keys()) this.#stop(uri);
  }

  #stop(uri: string): void {
    this.#waiting.get(uri)?.abort();
    this.#waiting.delete(uri);
  }

  async #run({ uri, text, scripts }: ShellCheckTarget, controller: AbortController): Promise<void> {
    const shellCheck = this.#shellCheck;
    await checkScripts(shellCheck, scripts().flat(), text, controller.signal);
    if (controller.signal.aborted) return;
    this.#waiting.delete(uri);
    if (shellCheck.isMissing) return this.#tell();
    this.#hooks.changed(uri);
  }

  #tell(): void {
    if (this.#told) return;
    this.#told = true;
    this.#hooks.missing(missingNotice());
  }
}
