// biome-ignore-all lint/suspicious/noTemplateCurlyInString: places to fill in
import { type Message, msg } from "../../../engine/base/message.ts";

export interface Keyword {
  readonly says: Message;
  /** Whole instructions to fill in, behind the keyword. */
  readonly forms: readonly string[];
}

/** All instructions, in the order in which people write them. */
export const keywords: Readonly<Record<string, Keyword>> = {
  FROM: {
    says: msg("Starts a stage from an image"),
    forms: ["${1:image}:${2:tag}", "${1:image}:${2:tag} AS ${3:name}"],
  },
  RUN: {
    says: msg("Runs a command while building and keeps what it changes"),
    forms: ["--mount=type=cache,target=${1:folder} ${2:command}", "<<EOF\n${1:command}\nEOF"],
  },
  COPY: {
    says: msg("Takes files from the build context, a stage or an image"),
    forms: ["${1:source} ${2:./}", "--from=${1:stage} ${2:source} ${3:./}"],
  },
  WORKDIR: { says: msg("Sets the working folder and makes it"), forms: [] },
  ENV: { says: msg("Sets a variable for all later steps and for the container"), forms: ["${1:NAME}=${2:value}"] },
  ARG: { says: msg("Declares a variable that a build may set"), forms: ["${1:NAME}=${2:default}"] },
  EXPOSE: { says: msg("Says on which port the container listens; -p publishes it"), forms: [] },
  CMD: {
    says: msg("What the container runs, unless it is told otherwise"),
    forms: ['["${1:program}", "${2:argument}"]'],
  },
  ENTRYPOINT: { says: msg("The program that the container always runs"), forms: ['["${1:program}"]'] },
  USER: { says: msg("Sets the user of later steps and of the container"), forms: [] },
  LABEL: { says: msg("Writes something about the image into it"), forms: ["${1:name}=${2:value}"] },
  VOLUME: { says: msg("Keeps a folder of the container outside of its layers"), forms: [] },
  HEALTHCHECK: {
    says: msg("Says how to see whether the container is well"),
    forms: ["--interval=${1:30s} --timeout=${2:3s} CMD ${3:command}", "NONE"],
  },
  ADD: { says: msg("Fetches an address, or unpacks an archive; COPY is for files"), forms: ["${1:address} ${2:./}"] },
  SHELL: { says: msg("Sets the shell of later RUN, CMD and ENTRYPOINT"), forms: ['["${1:/bin/bash}", "${2:-c}"]'] },
  STOPSIGNAL: { says: msg("The signal that stops the container"), forms: [] },
  ONBUILD: { says: msg("Runs an instruction when another image is built from this one"), forms: [] },
  MAINTAINER: { says: msg("Out of use: LABEL org.opencontainers.image.authors says the same"), forms: [] },
};
