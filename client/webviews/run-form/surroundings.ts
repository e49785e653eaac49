import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import { EngineError } from "../../../engine/base/errors.ts";
import { type Message, msg } from "../../../engine/base/message.ts";
import { parseEnvFile, type RunOptions } from "./options.ts";

/** Folders of this machine: `~` and what is relative to the workspace. */
export function absolute(options: RunOptions, base = workspaceFolder()): RunOptions {
  return {
    ...options,
    volumes: options.volumes.map((volume) => ({ ...volume, source: absoluteSource(volume.source, base) })),
  };
}

function absoluteSource(source: string, base = workspaceFolder()): string {
  if (source === "~" || source.startsWith("~/")) return path.join(homedir(), source.slice(1));
  return source.startsWith(".") ? path.resolve(base, source) : source;
}

/** @throws EngineError `not-found` */
export async function fileEnvOf({ envFile }: Pick<RunOptions, "envFile">, base = workspaceFolder()): Promise<string[]> {
  if (envFile === "") return [];
  const file = path.resolve(base, absoluteSource(envFile, base));
  const text = await readFile(file, "utf8").catch((error: Error) => {
    throw envFileUnreadable(file, msg("{text}", { text: error.message }));
  });
  return parseEnvFile(text, process.env);
}

/** Not one of a virtual workspace: its path names nothing here. */
const workspaceFolder = () =>
  vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === "file")?.uri.fsPath ?? homedir();

function envFileUnreadable(file: string, reason: Message): EngineError {
  return new EngineError({
    code: "not-found",
    message: msg("The file with variables {file} cannot be read: {reason}", { file, reason }),
    hint: msg("Choose another file, or leave the field empty."),
  });
}
