import { type Message, msg } from "../../../engine/base/message.ts";

/** One way to write an instruction: its parts in order, each as it is shown and what it is. */
export interface Form {
  readonly parts: readonly Part[];
  /** The arguments are an array. */
  readonly isJson?: boolean;
}

type Part = readonly [shown: string, says: Message];

const program: Part = ['"program"', msg("The program, without a shell")];
const argument: Part = ['"argument"', msg("One argument, as the program gets it")];
const command: Part = ["command…", msg("Text for the shell, by default /bin/sh -c")];
const array = (...parts: readonly Part[]): Form => ({ isJson: true, parts });
const source: Part = ["source…", msg("Files, folders or patterns in the build context")];
const destination: Part = [
  "destination",
  msg("Where they go; / at the end makes it a folder, a relative one begins in WORKDIR"),
];
const jsonPaths = array(['"source"', source[1]], ['"destination"', destination[1]]);
const name: Part = ["name", msg("Letters, digits and _")];

/** Of `COPY --from`. */
export const sourceElsewhere = msg("Files, folders or patterns in the stage or image of --from");

/** Without flags: those come from `flag-docs.ts`. */
export const forms: Readonly<Record<string, readonly Form[]>> = {
  FROM: [
    {
      parts: [
        ["image", msg("An image with a tag or digest, an earlier stage, or scratch")],
        ["AS", msg("Names the stage, for COPY --from, FROM and --target")],
        ["stage", msg("Lower case letters, digits, -, _ and .")],
      ],
    },
  ],
  RUN: [{ parts: [command] }, array(program, argument)],
  COPY: [{ parts: [source, destination] }, jsonPaths],
  ADD: [{ parts: [["source…", msg("Files of the build context, addresses or repositories")], destination] }, jsonPaths],
  WORKDIR: [{ parts: [["folder", msg("It is made when it is not there; a relative one continues the one before")]] }],
  ENV: [
    {
      parts: [
        ["name=", name[1]],
        ["value", msg("Quotes keep blanks together; $NAME is put in")],
      ],
    },
  ],
  ARG: [
    {
      parts: [
        ["name", name[1]],
        ["[=default]", msg("What it is when the build sets nothing")],
      ],
    },
  ],
  LABEL: [
    {
      parts: [
        ["name=", msg("Lower case with dots, like org.opencontainers.image.source")],
        ["value", msg("Quotes keep blanks together; $NAME is put in")],
      ],
    },
  ],
  EXPOSE: [
    {
      parts: [
        ["port", msg("A number, or a range like 8000-8010")],
        ["[/protocol]", msg("tcp, or udp; tcp without it")],
      ],
    },
  ],
  CMD: [array(program, argument), { parts: [command] }],
  ENTRYPOINT: [array(program, argument), { parts: [command] }],
  SHELL: [
    array(
      ['"shell"', msg("The program that reads commands")],
      ['"flag"', msg("What stands before the command, like -c")],
    ),
  ],
  USER: [
    {
      parts: [
        ["user", msg("A name that the image has, or a number")],
        ["[:group]", msg("A name that the image has, or a number; without it the user's own group")],
      ],
    },
  ],
  VOLUME: [{ parts: [["folder…", msg("Folders in the image")]] }, array(['"folder"', msg("Folders in the image")])],
  STOPSIGNAL: [{ parts: [["signal", msg("A name like SIGTERM, or a number")]] }],
  HEALTHCHECK: [
    {
      parts: [
        ["CMD", msg("What follows runs in the container")],
        ["command…", msg("0 is well, 1 is not")],
      ],
    },
    { parts: [["NONE", msg("Takes back the health check of the base image")]] },
  ],
  ONBUILD: [{ parts: [["instruction", msg("Any but FROM, MAINTAINER and ONBUILD")]] }],
  MAINTAINER: [{ parts: [["name", msg("Who takes care of the image")]] }],
};
