import { readFileSync, statSync } from "node:fs";
import { type Message, msg } from "../../engine/base/message.ts";

const largestBytes = 4 * 1024 * 1024;

/** A Dockerfile's bytes, or why they cannot be had. */
export function readDockerfile(file: string): { readonly bytes: Buffer } | { readonly error: Message } {
  try {
    const stats = statSync(file);
    if (stats.isFile() && stats.size > largestBytes) return { error: tooLarge(file) };
    return { bytes: readFileSync(file) };
  } catch (error) {
    return { error: unreadable(file, error as NodeJS.ErrnoException) };
  }
}

export function unwritable(file: string, error: unknown): Message {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return msg("{file} cannot be written: its folder does not exist", { file });
    case "EISDIR":
      return msg("{file} cannot be written: it is a folder", { file });
    case "EACCES":
      return msg("{file} may not be written by you", { file });
    default:
      return msg("{file} cannot be written: {reason}", { file, reason: message });
  }
}

function tooLarge(file: string): Message {
  return msg("{path} is not a Dockerfile: it is not a regular file, or larger than 4 MiB", { path: file });
}

function unreadable(file: string, { code, message }: NodeJS.ErrnoException): Message {
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return msg("{file} does not exist", { file });
    case "EISDIR":
      return msg("{file} is a folder; name the Dockerfile in it", { file });
    case "EACCES":
      return msg("{file} may not be read by you", { file });
    default:
      return msg("{file} cannot be read: {reason}", { file, reason: message });
  }
}
