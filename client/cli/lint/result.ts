import type { Message } from "../../../engine/base/message.ts";
import type { ConfigProblem } from "../../../server/lint/config-yaml.ts";
import type { Finding } from "../../../server/lint/finding.ts";

/** What came of one file. Plain data: it may come from another thread. */
export interface FileResult {
  /** As the person named it. */
  readonly file: string;
  readonly findings: readonly Finding[];
  /** It has findings that the command fails for. */
  readonly fails: boolean;
  /** Fixes that were made. */
  readonly fixed: number;
  /** What is wrong in the configuration files that hold for it. */
  readonly problems: readonly ConfigProblem[];
  /** Why it could not be checked. */
  readonly error?: Message;
  /** The fixed text of standard input. */
  readonly output?: string;
}

/** Writes results one after the other, so that thousands of files need no memory. */
export interface Format {
  start?(): string;
  file(result: FileResult): string;
  end?(): string;
}
