import type { Message } from "../../../../engine/base/message.ts";
import { portInText } from "../../../lint/listen-port.ts";
import type { ProjectView } from "../../../lint/views.ts";
import { knownImages } from "../bases.ts";

/** A whole Dockerfile for one kind of project. */
export interface Template {
  readonly id: string;
  /** What a person types to find it. */
  readonly label: string;
  readonly says: Message;
  fits(project: ProjectView): boolean;
  /** Without the syntax line. */
  text(project: ProjectView): string;
  /** Patterns of .dockerignore, beside those of every project (`commonIgnores`). */
  ignores(project: ProjectView): readonly string[];
}

/** What no image wants, whatever the language. */
export const commonIgnores = [
  ".git",
  ".dockerignore",
  "**/Dockerfile*",
  "**/*compose*.y*ml",
  "**/.env*",
  "**/.DS_Store",
  "**/*.log",
  ".idea",
  ".vscode",
];

export const image = (name: string) => `${name}:${knownImages[name]?.tag}`;
export const has = (project: ProjectView, name: string) => project.names.includes(name);
export const anyOf = (project: ProjectView, pattern: RegExp) => project.names.find((name) => pattern.test(name));

/** A file of the project that may as well be absent: of an unknown one it is taken to be there. */
export const ifThere = (project: ProjectView, name: string) => (has(project, name) || !project.known ? ` ${name}` : "");

/** The port that a program says it listens on; `otherwise` when it says nothing plain. */
export function portOf(project: ProjectView, file: string, otherwise: number): number {
  return portInText(project.text(file) ?? "") ?? otherwise;
}

/** An array of JSON, as CMD and ENTRYPOINT want it. */
export const words = (command: readonly string[]) => `[${command.map((word) => JSON.stringify(word)).join(", ")}]`;
