import assert from "node:assert/strict";
import { adviceFor } from "../../../client/builds/known-failures.ts";
import { formatMessage } from "../../../engine/base/message.ts";

/** The last lines of steps that failed, as the programs write them, and a word of the advice. */
const failures: readonly (readonly [output: string, advice: RegExp | undefined])[] = [
  ["/bin/sh: 1: curl: not found", /has no curl/],
  ["/bin/sh: curl: not found", /has no curl/],
  ["bash: line 1: yarn: command not found", /has no yarn/],
  ["E: Unable to locate package foo", /does not know foo/],
  ["ERROR: unable to select packages:\n  nope (no such package):", /apk/],
  [
    "npm error code EUSAGE\nnpm error `npm ci` can only install with an existing package-lock.json",
    /package-lock\.json/,
  ],
  ["npm error code ENOENT\nnpm error path /package.json", /WORKDIR/],
  ["ModuleNotFoundError: No module named 'flask'", /no module flask/],
  [
    "ERROR: Could not open requirements file: [Errno 2] No such file or directory: 'requirements.txt'",
    /requirements\.txt/,
  ],
  ["cp: error writing '/x': No space left on device", /disk is full/],
  ["npm error errno EAI_AGAIN", /network/],
  ["exec /bin/sh: exec format error", /processor/],
  ["/bin/sh: 1: ./run.sh: Permission denied", /run\.sh may not/],
  ["FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", /memory/],
  ["1 test failed", undefined],
];

describe("client/builds/known-failures", () => {
  for (const [output, advice] of failures) {
    it(`${advice ? "knows" : "says nothing to"} ${output.split("\n")[0]}`, () => {
      const message = adviceFor(output);
      if (!advice) assert.equal(message, undefined);
      else assert.match(message ? formatMessage(message) : "", advice);
    });
  }
});
