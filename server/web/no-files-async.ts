import * as files from "./no-files.ts";

/** `node:fs/promises` where there are no files. */
export async function readFile(): Promise<never> {
  return files.readFileSync();
}

export async function stat(): Promise<never> {
  return files.readFileSync();
}

export async function readdir(): Promise<never> {
  return files.readdirSync();
}
