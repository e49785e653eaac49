import path from "node:path";
import { type ConfigLayer, mergeConfig, type ResolvedConfig } from "./config.ts";
import { type ConfigFiles, findConfigFiles, readConfigFile } from "./config-find.ts";
import type { ConfigProblem } from "./config-yaml.ts";
import { Projects } from "./project.ts";
import { unknownProject } from "./project-unknown.ts";
import type { Ignorable } from "./suppressions.ts";
import type { ProjectView } from "./views.ts";

/** With what a Dockerfile is checked. */
export interface LintContext {
  /** The same object while neither files nor settings have changed. */
  readonly config: ResolvedConfig;
  readonly project: ProjectView;
  /** What is wrong in the configuration files. */
  readonly problems: readonly ConfigProblem[];
}

export interface LintContextOptions {
  /** Full path of the Dockerfile; absent: it is no file of this machine. */
  readonly file?: string | undefined;
  /** Settings or flags: they win over the files. */
  readonly layer: ConfigLayer;
  /** hadolint's variables: what counts least. */
  readonly environment?: ConfigLayer;
  /** A home's hadolint file: it counts where the project has none. */
  readonly home?: ConfigLayer;
  /** Named by a person, instead of those that would be found. */
  readonly files?: ConfigFiles | undefined;
  /** Configuration is not looked for above it. */
  readonly root?: string | undefined;
}

interface Kept {
  readonly parts: readonly unknown[];
  readonly config: ResolvedConfig;
  readonly problems: readonly ConfigProblem[];
}

/** Puts together what the files around Dockerfiles and a person's settings say. */
export class LintContexts {
  readonly projects = new Projects();
  readonly #ignorable: readonly Ignorable[];
  readonly #kept = new Map<string, Kept>();
  #last: Kept | undefined;

  constructor(ignorable: readonly Ignorable[]) {
    this.#ignorable = ignorable;
  }

  of({ file, layer, environment, home, root, ...named }: LintContextOptions): LintContext {
    const folder = file === undefined ? undefined : path.dirname(file);
    const files = named.files ?? (folder === undefined ? {} : findConfigFiles(folder, root));
    const hadolint = files.hadolint ? readConfigFile(files.hadolint, "hadolint", this.#ignorable) : undefined;
    const drydock = files.drydock ? readConfigFile(files.drydock, "drydock", this.#ignorable) : undefined;
    const parts = [environment, hadolint ?? home, drydock, layer];
    const key = folder ?? "";
    let kept = this.#kept.get(key);
    if (!kept || parts.some((part, index) => part !== kept?.parts[index])) {
      const layers = [environment, hadolint?.layer ?? home, drydock?.layer, layer].filter((one) => one !== undefined);
      const problems = [...(hadolint?.problems ?? []), ...(drydock?.problems ?? [])];
      // Folders that are configured alike share one object, and all that is kept by it.
      const last = this.#last;
      kept = last?.parts.every((part, index) => part === parts[index])
        ? last
        : { parts, config: mergeConfig(layers, this.#ignorable), problems };
      this.#last = kept;
      if (this.#kept.size >= 1000) this.#kept.clear();
      this.#kept.set(key, kept);
    }
    const { config, problems } = kept;
    const project = file === undefined ? unknownProject : this.projects.viewOf(file, config.context);
    return { config, project, problems };
  }
}
