import { type Message, msg } from "../base/message.ts";

export interface ProblemCode {
  /** The builder refuses the file. Else only the build of a stage fails, or it is a warning; of `syntax/mount` some are fatal. */
  readonly fatal: boolean;
  readonly severity: "error" | "warning";
  /** Names of the same finding in other linters. */
  readonly sameAs: readonly string[];
  readonly summary: Message;
  readonly why: Message;
}

/** All codes of the parser's problems: what pages, settings and ignore comments need to know of them. */
export const problemCodes = {
  "syntax/empty-file": {
    fatal: true,
    severity: "error",
    sameAs: ["hadolint:DL1000", "dockerfile-utils:20"],
    summary: msg("The file has no instructions"),
    why: msg("An image is built by instructions, and the first of them is FROM with the image to start from."),
  },
  "syntax/no-stage": {
    fatal: true,
    severity: "error",
    sameAs: ["hadolint:DL1000", "dockerfile-utils:20"],
    summary: msg("The file has no FROM, so there is nothing to build"),
    why: msg("Everything happens in a stage, and a stage begins with FROM. FROM scratch begins with an empty one."),
  },
  "syntax/duplicate-directive": {
    fatal: true,
    severity: "error",
    sameAs: ["hadolint:DL1000", "dockerfile-utils:52"],
    summary: msg("A parser directive is given twice"),
    why: msg("The lines # syntax=, # escape= and # check= at the top of the file may each stand there once."),
  },
  "syntax/bad-escape": {
    fatal: true,
    severity: "error",
    sameAs: ["hadolint:DL1000", "dockerfile-utils:21"],
    summary: msg("The escape directive names a character that is not possible"),
    why: msg("Only the backslash and the backtick can continue lines. The backtick is meant for Windows paths."),
  },
  "syntax/line-too-long": {
    fatal: true,
    severity: "error",
    sameAs: ["hadolint:DL1000"],
    summary: msg("A line is longer than the builder reads"),
    why: msg(
      "The builder reads lines of at most 65,535 bytes. Split the line, or put its data into a file and copy that.",
    ),
  },
  "syntax/unknown-instruction": {
    fatal: true,
    severity: "error",
    sameAs: ["hadolint:DL1000", "dockerfile-utils:38"],
    summary: msg("A line starts with a word that is no instruction"),
    why: msg(
      "Each line starts with an instruction. A command of the shell stands behind RUN, and a long one ends its lines with a backslash.",
    ),
  },
  "syntax/before-from": {
    fatal: true,
    severity: "error",
    sameAs: ["hadolint:DL1000", "hadolint:DL3061", "dockerfile-utils:20"],
    summary: msg("An instruction stands before the first FROM"),
    why: msg(
      "Only ARG may stand above FROM, because its value can choose the image. Everything else works in an image.",
    ),
  },
  "syntax/bad-trigger": {
    fatal: true,
    severity: "error",
    sameAs: ["hadolint:DL1000", "hadolint:DL3043", "dockerfile-utils:29", "dockerfile-utils:30"],
    summary: msg("ONBUILD stands before FROM, MAINTAINER or another ONBUILD"),
    why: msg(
      "A trigger is carried out inside a stage of another file, so it can neither begin a stage nor leave another trigger.",
    ),
  },
  "syntax/unknown-flag": {
    fatal: true,
    severity: "error",
    sameAs: [
      "hadolint:DL1000",
      "dockerfile-utils:39",
      "dockerfile-utils:40",
      "dockerfile-utils:41",
      "dockerfile-utils:42",
    ],
    summary: msg("An instruction has a flag that it does not know"),
    why: msg(
      "Words that start with -- right behind the instruction are flags of the builder. An argument that starts so stands behind a lone --.",
    ),
  },
  "syntax/duplicate-flag": {
    fatal: true,
    severity: "error",
    sameAs: ["hadolint:DL1000", "dockerfile-utils:14"],
    summary: msg("A flag is given twice"),
    why: msg(
      "The builder would not know which of the two counts. Only --mount, --exclude and --device may be repeated.",
    ),
  },
  "syntax/flag-value": {
    fatal: true,
    severity: "error",
    sameAs: ["hadolint:DL1000", "dockerfile-utils:18", "dockerfile-utils:48"],
    summary: msg("A flag has no value, or one that is not possible"),
    why: msg("Flags are written --name=value, without blanks. Flags like --link are true when they stand alone."),
  },
  "syntax/duration": {
    fatal: true,
    severity: "error",
    sameAs: [
      "hadolint:DL1000",
      "dockerfile-utils:15",
      "dockerfile-utils:16",
      "dockerfile-utils:17",
      "dockerfile-utils:19",
    ],
    summary: msg("A time span of HEALTHCHECK cannot be read"),
    why: msg("A time span is a number with a unit (ms, s, m, h), like 30s or 1m30s, and at least one millisecond."),
  },
  "syntax/retries": {
    fatal: true,
    severity: "error",
    sameAs: ["hadolint:DL1000", "dockerfile-utils:13", "dockerfile-utils:28"],
    summary: msg("--retries is not a whole number"),
    why: msg("After so many failures in a row the container counts as unhealthy."),
  },
  "syntax/missing-arguments": {
    fatal: true,
    severity: "error",
    sameAs: ["hadolint:DL1000", "dockerfile-utils:2", "dockerfile-utils:5"],
    summary: msg("An instruction has no arguments"),
    why: msg("The builder refuses the whole file for it."),
  },
  "syntax/empty-command": {
    fatal: false,
    severity: "warning",
    sameAs: [],
    summary: msg("RUN, CMD or ENTRYPOINT has no command"),
    why: msg(
      "The builder takes it and nothing happens, which is hardly what was meant. To take a command back write CMD [].",
    ),
  },
  "syntax/missing-destination": {
    fatal: true,
    severity: "error",
    sameAs: ["hadolint:DL1000", "dockerfile-utils:7"],
    summary: msg("COPY or ADD has no destination"),
    why: msg("The last word is the destination in the image, all words before it are sources in the build context."),
  },
  "syntax/heredoc-destination": {
    fatal: true,
    severity: "error",
    sameAs: ["hadolint:DL1000"],
    summary: msg("A heredoc is the destination of COPY or ADD"),
    why: msg("A heredoc is a file that is copied. The path that it gets in the image stands behind it."),
  },
  "syntax/json-strings": {
    fatal: true,
    severity: "error",
    sameAs: ["hadolint:DL1000"],
    summary: msg("A JSON array holds something that is no string"),
    why: msg("In the exec form each argument is a string in double quotes, numbers too."),
  },
  "syntax/shell-json": {
    fatal: true,
    severity: "error",
    sameAs: ["hadolint:DL1000", "dockerfile-utils:31", "dockerfile-utils:32"],
    summary: msg("SHELL is not a JSON array of words"),
    why: msg("SHELL has the exec form only, because there is no shell yet that could split a line."),
  },
  "syntax/from": {
    fatal: true,
    severity: "error",
    sameAs: ["hadolint:DL1000", "dockerfile-utils:8", "dockerfile-utils:22"],
    summary: msg("FROM is neither FROM image nor FROM image AS name"),
    why: msg("FROM takes one image. Words behind it are refused, comments too: these stand on a line of their own."),
  },
  "syntax/stage-name": {
    fatal: true,
    severity: "error",
    sameAs: ["hadolint:DL1000", "dockerfile-utils:12"],
    summary: msg("A stage has a name that is not possible"),
    why: msg("A name starts with a letter, for numbers count the stages; letters, digits, -, _ and . may follow."),
  },
  "syntax/missing-equals": {
    fatal: true,
    severity: "error",
    sameAs: ["hadolint:DL1000", "dockerfile-utils:33"],
    summary: msg("ENV or LABEL has a word without ="),
    why: msg("Once the first word has an equals sign, all words are name=value. A value with blanks needs quotes."),
  },
  "syntax/missing-value": {
    fatal: true,
    severity: "error",
    sameAs: ["hadolint:DL1000", "dockerfile-utils:6"],
    summary: msg("ENV or LABEL has a name without a value"),
    why: msg('Write name=value; an empty value is name="".'),
  },
  "syntax/blank-name": {
    fatal: true,
    severity: "error",
    sameAs: ["hadolint:DL1000", "dockerfile-utils:34"],
    summary: msg("ENV, LABEL or ARG has no name before ="),
    why: msg("A value without a name cannot be asked for."),
  },
  "syntax/blank-volume": {
    fatal: true,
    severity: "error",
    sameAs: ["hadolint:DL1000"],
    summary: msg("VOLUME has an empty path"),
    why: msg("A volume is mounted at a path of the image."),
  },
  "syntax/healthcheck": {
    fatal: true,
    severity: "error",
    sameAs: ["hadolint:DL1000", "dockerfile-utils:9", "dockerfile-utils:43", "dockerfile-utils:46"],
    summary: msg("HEALTHCHECK is neither CMD with a command nor NONE"),
    why: msg(
      "HEALTHCHECK CMD says which command tells a healthy container from an ill one. HEALTHCHECK NONE takes an inherited one back.",
    ),
  },
  "syntax/unterminated-heredoc": {
    fatal: true,
    severity: "error",
    sameAs: ["hadolint:DL1000"],
    summary: msg("A heredoc is not closed"),
    why: msg(
      "A heredoc goes on until a line that holds its word and nothing else, not even blanks. Only <<- allows tabs before it.",
    ),
  },
  "syntax/variable": {
    fatal: false,
    severity: "error",
    sameAs: ["dockerfile-utils:35", "dockerfile-utils:36", "dockerfile-utils:44"],
    summary: msg("A quote or a variable is not closed, or has an operator that the builder does not know"),
    why: msg(
      "The builder knows fewer forms than a shell: a default, an alternative, a required value, and patterns that cut or replace.",
    ),
  },
  "syntax/port": {
    fatal: false,
    severity: "error",
    sameAs: ["hadolint:DL3011", "dockerfile-utils:24", "dockerfile-utils:25"],
    summary: msg("EXPOSE names a port that is not possible"),
    why: msg("Ports go from 1 to 65535; behind them stands /tcp, /udp or /sctp, or nothing."),
  },
  "syntax/signal": {
    fatal: false,
    severity: "error",
    sameAs: ["dockerfile-utils:27", "dockerfile-utils:3"],
    summary: msg("STOPSIGNAL names no signal"),
    why: msg("A container is stopped by this signal. It has a name like SIGTERM, or a number."),
  },
  "syntax/image-name": {
    fatal: false,
    severity: "error",
    sameAs: ["dockerfile-utils:26"],
    summary: msg("FROM names an image that cannot exist"),
    why: msg(
      "The name of an image is lower case: registry/path:tag, or with @ and a digest. A stage must stand above the FROM that names it.",
    ),
  },
  "syntax/mount": {
    fatal: false,
    severity: "error",
    sameAs: [],
    summary: msg("A --mount cannot be read"),
    why: msg("A mount is a list like type=cache,target=/root/.cache without blanks. Each type has keys of its own."),
  },
} as const satisfies Readonly<Record<`syntax/${string}`, ProblemCode>>;
