import { existsSync } from "node:fs";
import path from "node:path";
import { type Message, msg } from "../../engine/base/message.ts";

export interface MissingNotice {
  readonly message: Message;
  /** For a terminal; absent when the machine has no package manager that we know. */
  readonly command?: string;
}

const managers: readonly (readonly [program: string, command: string])[] = [
  ["brew", "brew install shellcheck"],
  ["apt-get", "sudo apt-get install shellcheck"],
  ["dnf", "sudo dnf install ShellCheck"],
  ["zypper", "sudo zypper install ShellCheck"],
  ["pacman", "sudo pacman -S shellcheck"],
  ["apk", "sudo apk add shellcheck"],
  ["winget.exe", "winget install koalaman.shellcheck"],
  ["choco.exe", "choco install shellcheck"],
];

/** Said once, quietly: everything works without ShellCheck. */
export function missingNotice(searchPath = process.env.PATH ?? ""): MissingNotice {
  const folders = searchPath.split(path.delimiter).filter((folder) => folder !== "");
  const isThere = (program: string) => folders.some((folder) => existsSync(path.join(folder, program)));
  const command = managers.find(([program]) => isThere(program))?.[1];
  if (command === undefined) return { message: msg("With ShellCheck installed, its findings in RUN are shown too.") };
  return {
    message: msg("With ShellCheck installed, its findings in RUN are shown too: {command}", { command }),
    command,
  };
}
