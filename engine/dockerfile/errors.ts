import { type Message, msg } from "../base/message.ts";
import type { Range } from "../base/ranges.ts";
import type { Problem } from "./model.ts";
import type { problemCodes } from "./problem-codes.ts";

type Name = keyof typeof problemCodes extends `syntax/${infer Name}` ? Name : never;

function fatal(code: Name, range: Range, message: Message): Problem {
  return { code: `syntax/${code}`, message, range, fatal: true };
}

/** What the builder refuses only when it carries the instruction out, so not in a stage that nobody asks for. */
function later(code: Name, range: Range, message: Message): Problem {
  return { code: `syntax/${code}`, message, range, fatal: false };
}

// The file

export const emptyFile = (range: Range): Problem =>
  fatal("empty-file", range, msg("The Dockerfile has no instructions. Start it with FROM and a base image."));

export const noStage = (range: Range): Problem =>
  fatal("no-stage", range, msg("The Dockerfile has no FROM, so there is nothing to build. Add FROM and a base image."));

export const duplicateDirective = (range: Range, name: string): Problem =>
  fatal("duplicate-directive", range, msg('The directive "{name}" is given twice. Keep only one of them.', { name }));

export const badEscapeDirective = (range: Range, value: string): Problem =>
  fatal("bad-escape", range, msg('The escape character "{value}" is not possible. Use \\ or `.', { value }));

export const lineTooLong = (range: Range): Problem =>
  fatal(
    "line-too-long",
    range,
    msg("The line is longer than 65,535 bytes, more than the builder reads. Split it with continuations."),
  );

// Instructions and their order

export const unknownInstruction = (range: Range, word: string, meant: string | undefined): Problem =>
  fatal(
    "unknown-instruction",
    range,
    meant === undefined
      ? msg('Unknown instruction "{word}". A line starts with an instruction like FROM, RUN or COPY.', { word })
      : msg('Unknown instruction "{word}". Did you mean {meant}?', { word, meant }),
  );

export const beforeFrom = (range: Range, keyword: string): Problem =>
  fatal("before-from", range, msg("{keyword} stands before the first FROM. Only ARG may; move it below.", { keyword }));

export const badTrigger = (range: Range, keyword: string): Problem =>
  fatal(
    "bad-trigger",
    range,
    msg("ONBUILD {keyword} is not allowed. Use another instruction as trigger.", { keyword }),
  );

// Flags

export const unknownFlag = (range: Range, name: string, keyword: string, meant: string | undefined): Problem =>
  fatal(
    "unknown-flag",
    range,
    meant === undefined
      ? msg("{keyword} has no flag --{name}. Remove it.", { keyword, name })
      : msg("{keyword} has no flag --{name}. Did you mean --{meant}?", { keyword, name, meant }),
  );

export const duplicateFlag = (range: Range, name: string): Problem =>
  fatal("duplicate-flag", range, msg("The flag --{name} is given twice. Keep only one of them.", { name }));

export const flagWithoutValue = (range: Range, name: string): Problem =>
  fatal("flag-value", range, msg("The flag --{name} needs a value: --{name}=…", { name }));

export const flagNotBoolean = (range: Range, name: string, value: string): Problem =>
  fatal("flag-value", range, msg('The flag --{name} is true or false, not "{value}".', { name, value }));

export const flagChoice = (range: Range, name: string, value: string, choice: string): Problem =>
  fatal(
    "flag-value",
    range,
    msg('"{value}" is not possible for --{name}. Use one of: {choice}.', { value, name, choice }),
  );

export const badDuration = (range: Range, value: string): Problem =>
  fatal(
    "duration",
    range,
    msg('"{value}" is not a duration. Write a number with a unit, like 30s or 1m30s.', { value }),
  );

export const shortDuration = (range: Range, value: string): Problem =>
  fatal("duration", range, msg("{value} is too short. Use 0 or at least 1ms.", { value }));

export const badRetries = (range: Range, value: string): Problem =>
  fatal("retries", range, msg('"{value}" is not a number of retries. Use a whole number, 0 or more.', { value }));

// Arguments

export const missingArguments = (range: Range, keyword: string, example: string): Problem =>
  fatal("missing-arguments", range, msg("{keyword} needs an argument, like: {example}", { keyword, example }));

/** The reference takes an empty command without a word; it is never what was meant. */
export const emptyCommand = (range: Range, keyword: string): Problem => ({
  code: "syntax/empty-command" satisfies keyof typeof problemCodes,
  message: msg("{keyword} has no command. Add one, or remove the line.", { keyword }),
  range,
  fatal: false,
});

export const missingDestination = (range: Range, keyword: string): Problem =>
  fatal(
    "missing-destination",
    range,
    msg("{keyword} needs at least a source and a destination, like: {keyword} . /app", { keyword }),
  );

export const heredocAsDestination = (range: Range, keyword: string): Problem =>
  fatal(
    "heredoc-destination",
    range,
    msg("A heredoc cannot be the destination of {keyword}. Put a path behind it.", { keyword }),
  );

export const jsonNotStrings = (range: Range): Problem =>
  fatal("json-strings", range, msg('A JSON array may hold only strings here. Put the value in double quotes ("…").'));

export const shellNeedsJson = (range: Range): Problem =>
  fatal("shell-json", range, msg('SHELL must be a JSON array that is not empty, like: SHELL ["/bin/bash", "-c"]'));

export const fromWithoutAs = (range: Range, image: string, name: string): Problem =>
  fatal(
    "from",
    range,
    msg('Between the image and the name of the stage stands AS: "FROM {image} AS {name}".', { image, name }),
  );

export const fromWithoutName = (range: Range, image: string): Problem =>
  fatal("from", range, msg('The name of the stage is missing: "FROM {image} AS name".', { image }));

export const fromForm = (range: Range): Problem =>
  fatal("from", range, msg("FROM takes an image and nothing else but a name: FROM image, or FROM image AS name."));

export const stageName = (range: Range, name: string): Problem =>
  fatal(
    "stage-name",
    range,
    msg('"{name}" cannot name a stage. Start with a letter, then letters, digits, "-", "_" and ".".', { name }),
  );

export const missingEquals = (range: Range, word: string, keyword: string): Problem =>
  fatal(
    "missing-equals",
    range,
    msg('"{word}" has no "=". Write {keyword} name=value, and put values with blanks in quotes.', { word, keyword }),
  );

export const missingValue = (range: Range, keyword: string): Problem =>
  fatal("missing-value", range, msg("{keyword} needs a value behind the name: {keyword} name=value", { keyword }));

export const blankName = (range: Range, keyword: string): Problem =>
  fatal("blank-name", range, msg('{keyword} has no name before "=". Write {keyword} name=value.', { keyword }));

export const blankVolume = (range: Range): Problem =>
  fatal("blank-volume", range, msg("A volume needs a path, like: VOLUME /data"));

export const healthcheckType = (range: Range, word: string): Problem =>
  fatal(
    "healthcheck",
    range,
    msg('HEALTHCHECK is followed by CMD and a command, or by NONE, but not by "{word}".', { word }),
  );

export const healthcheckCommand = (range: Range): Problem =>
  fatal("healthcheck", range, msg("HEALTHCHECK CMD needs a command, like: HEALTHCHECK CMD curl -f http://localhost/"));

export const healthcheckNone = (range: Range): Problem =>
  fatal("healthcheck", range, msg("HEALTHCHECK NONE takes no arguments. Remove what follows."));

export const unterminatedHeredoc = (range: Range, delimiter: string): Problem =>
  fatal(
    "unterminated-heredoc",
    range,
    msg('The heredoc is not closed. Put a line that holds only "{delimiter}" below its text.', { delimiter }),
  );

// What is wrong only when the instruction is carried out

export const badVariable = (range: Range, message: Message): Problem => later("variable", range, message);

export const badPort = (range: Range, text: string): Problem =>
  later("port", range, msg('"{text}" is not a port. Use 1 to 65535, like 8080 or 53/udp or 3000-3005.', { text }));

export const badSignal = (range: Range, text: string): Problem =>
  later("signal", range, msg('"{text}" is not a signal. Use a name like SIGTERM or a number.', { text }));

export const badImageName = (range: Range, name: string): Problem =>
  later(
    "image-name",
    range,
    msg('"{name}" is neither a stage of this file nor a possible image name. Names are lower case, like node:24.', {
      name,
    }),
  );

// RUN --mount

export const mountQuotes = (range: Range): Problem =>
  fatal("mount", range, msg('The quotes of this --mount do not fit. Put a whole field in them: "target=/a,b".'));

export const mountFromVariable = (range: Range, name: string): Problem =>
  fatal(
    "mount",
    range,
    msg('from= takes no variable. Name it in a stage of its own: "FROM {name} AS files", then from=files.', { name }),
  );

export const mountKey = (range: Range, key: string, meant: string | undefined): Problem =>
  later(
    "mount",
    range,
    meant === undefined
      ? msg('--mount has no "{key}". Remove it.', { key })
      : msg('--mount has no "{key}". Did you mean {meant}?', { key, meant }),
  );

export const mountNeedsValue = (range: Range, key: string): Problem =>
  later("mount", range, msg('"{key}" of --mount needs a value: {key}=…', { key }));

export const mountChoice = (range: Range, key: string, value: string, choice: string): Problem =>
  later("mount", range, msg('"{value}" is not possible for {key}=. Use one of: {choice}.', { value, key, choice }));

export const mountNumber = (range: Range, key: string, value: string): Problem =>
  later(
    "mount",
    range,
    key === "mode"
      ? msg('"{value}" is not a mode of files. Use octal digits like 0600.', { value })
      : msg('"{value}" is not a number. {key}= takes the number of a user or group, like 1000.', { value, key }),
  );

export const mountSize = (range: Range, text: string): Problem =>
  later("mount", range, msg('"{text}" is not a size. Write a number with a unit, like 64m or 1g.', { text }));

export const mountKeyForType = (range: Range, key: string, type: string): Problem =>
  later(
    "mount",
    range,
    msg('A mount of type {type} has no "{key}". Remove it, or write the right type before it.', { type, key }),
  );

export const secretFrom = (range: Range): Problem =>
  later("mount", range, msg("A secret comes from the build's --secret, not from a stage or image. Remove from=."));

export const secretUnnamed = (range: Range): Problem =>
  later("mount", range, msg("The secret has no name. Give an id, like type=secret,id=npm_token."));

export const secretNamedTwice = (range: Range): Problem =>
  later("mount", range, msg("source and id both name the secret. Keep id."));
