import { readFileSync } from "node:fs";
import path from "node:path";
import type { Message } from "../../../engine/base/message.ts";
import { type ConfigLayer, severities, type Threshold } from "../../../server/lint/config.ts";
import { type ConfigFiles, findConfigFiles } from "../../../server/lint/config-find.ts";
import type { Finding } from "../../../server/lint/finding.ts";
import { fixAll } from "../../../server/lint/fix-all.ts";
import { FullCheck } from "../../../server/lint/full-check.ts";
import { LintContexts } from "../../../server/lint/lint-context.ts";
import { codes } from "../../../server/rules/codes.ts";
import { readDockerfile, unwritable } from "../read-file.ts";
import type { FileResult } from "./result.ts";
import { replaceFile } from "./write-file.ts";

/** How files are to be checked. Plain data: it goes to other threads. */
export interface CheckJob {
  readonly layer: ConfigLayer;
  readonly environment: ConfigLayer;
  readonly home?: ConfigLayer;
  readonly files?: ConfigFiles;
  readonly fix: "none" | "safe" | "all";
  /** Scripts are given to ShellCheck, if there is one. */
  readonly shellCheck: boolean;
}

export class Checker {
  readonly #contexts = new LintContexts(codes);
  /** By folder: a run is short, and its files are many. */
  readonly #configFiles = new Map<string, ConfigFiles>();
  readonly #job: CheckJob;
  readonly #full: FullCheck;

  constructor(job: CheckJob) {
    this.#job = job;
    this.#full = new FullCheck(job);
  }

  /** What keeps a file from being read or written is said in its result. */
  async file(file: string): Promise<FileResult> {
    const read = readDockerfile(file);
    if ("error" in read) return failed(file, read.error);
    const content = read.bytes.toString("utf8");
    const { output, files, folder, ...result } = await this.#check(file, path.resolve(file), content);
    try {
      if (output !== undefined && output !== content) replaceFile(file, output);
      for (const one of files) addFile(path.join(folder, one.name), one);
    } catch (error) {
      return failed(file, unwritable(file, error));
    }
    return result;
  }

  /** `name`: where the text would stand, if it is known. */
  async text(content: string, name: string | undefined): Promise<FileResult> {
    const { files: _, folder: __, ...result } = await this.#check(name ?? "-", name && path.resolve(name), content);
    return result;
  }

  async #check(file: string, resolved: string | undefined, content: string) {
    const { layer, environment, home, fix } = this.#job;
    const named = this.#job.files ?? (resolved === undefined ? undefined : this.#configFilesOf(path.dirname(resolved)));
    const context = this.#contexts.of({ file: resolved, layer, environment, ...(home && { home }), files: named });
    const { config, problems } = context;
    const check = (text: string) => this.#full.findings(text, context);
    const wanted = ({ fix: own }: Finding) => own !== undefined && (fix === "all" || own.kind === "safe");
    const fixed = fix === "none" ? undefined : await fixAll(content, check, wanted);
    const findings = await check(fixed?.text ?? content);
    const fails = !config.noFail && reaches(findings, config.threshold ?? "warning");
    return {
      ...{ file, findings, fails, problems, fixed: fixed?.fixes ?? 0, files: fixed?.files ?? [] },
      folder: context.project.folder ?? path.dirname(file),
      ...(fixed && { output: fixed.text }),
    };
  }

  #configFilesOf(folder: string): ConfigFiles {
    const files = this.#configFiles.get(folder) ?? findConfigFiles(folder);
    this.#configFiles.set(folder, files);
    return files;
  }
}

function reaches(findings: readonly Finding[], threshold: Threshold): boolean {
  if (threshold === "none") return false;
  const serious = severities.slice(0, severities.indexOf(threshold) + 1);
  return findings.some(({ severity }) => serious.includes(severity));
}

/** A file that a fix makes is left alone when it is there already and was not to be added to. */
function addFile(file: string, { append, text }: { readonly append: boolean; readonly text: string }): void {
  let before = "";
  try {
    before = readFileSync(file, "utf8");
    if (!append) return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  replaceFile(file, `${before}${before === "" || before.endsWith("\n") ? "" : "\n"}${text}`);
}

function failed(file: string, error: Message): FileResult {
  return { file, findings: [], fails: false, fixed: 0, problems: [], error };
}
