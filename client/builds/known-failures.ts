import { type Message, msg } from "../../engine/base/message.ts";

interface KnownFailure {
  readonly words: RegExp;
  advice(found: RegExpExecArray): Message;
}

/** What commands of RUN steps say when they fail, and what helps. The first that fits. */
const known: readonly KnownFailure[] = [
  {
    words: /(?:sh|bash|ash):(?: (?:line )?\d+:)? (?:exec: )?([\w.+-]+): (?:command )?not found/,
    advice: ([, command = ""]) =>
      msg("The image has no {command}: install it in a step before, or start from an image that has it.", { command }),
  },
  {
    words: /E: Unable to locate package (\S+)/,
    advice: ([, name = ""]) =>
      msg("apt does not know {name}: run apt-get update in the same RUN, and check the name.", { name }),
  },
  {
    words: /ERROR: unable to select packages:|^\s+(\S+) \(no such package\)/m,
    advice: () =>
      msg("apk does not know a package: run apk with --no-cache, which reads today's index, and check the name."),
  },
  {
    words: /npm (?:ERR!|error) .*package-lock\.json|npm ci` can only install/,
    advice: () =>
      msg("npm ci needs a package-lock.json that fits package.json: run npm install outside, and copy both files."),
  },
  {
    words: /npm (?:ERR!|error) (?:code )?ENOENT[\s\S]*package\.json|Could not read package\.json/,
    advice: () =>
      msg("There is no package.json in this folder of the image: set WORKDIR, and COPY it before this step."),
  },
  {
    words: /ModuleNotFoundError: No module named '([\w.]+)'/,
    advice: ([, name = ""]) => msg("Python has no module {name}: install it in a step before.", { name }),
  },
  {
    words: /Could not open requirements file|No such file or directory: 'requirements\.txt'/,
    advice: () => msg("requirements.txt is not in the image yet: COPY it before this step."),
  },
  {
    words: /ENOSPC|No space left on device/i,
    advice: () => msg("The disk is full: remove images and the build cache that are not needed any more (Prune)."),
  },
  {
    words: /EAI_AGAIN|Could not resolve host|Temporary failure (?:in name resolution|resolving)/,
    advice: () =>
      msg("The step could not find a name on the network: check the connection, a proxy or the DNS of this machine."),
  },
  {
    words: /exec format error/i,
    advice: () => msg("The program is for another kind of processor than this machine's: check the image's platform."),
  },
  {
    words: /(?:^|: )(?:\.\/|\/)?([\w./-]+): Permission denied/m,
    advice: ([, file = ""]) =>
      msg("{file} may not be run or written by this user: use chmod, COPY --chmod, or another USER.", { file }),
  },
  {
    words: /JavaScript heap out of memory|\bKilled\b/,
    advice: () => msg("The step needed more memory than there is."),
  },
];

/** What to do about a step that failed, by its last lines. */
export function adviceFor(output: string): Message | undefined {
  for (const { words, advice } of known) {
    const found = words.exec(output);
    if (found) return advice(found);
  }
  return undefined;
}
