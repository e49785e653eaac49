import { type Message, msg } from "../base/message.ts";
import type { Range } from "../base/ranges.ts";
import type { Problem } from "../dockerfile/model.ts";

function problem(code: string, range: Range, message: Message): Problem {
  return { code, message, range, fatal: true };
}

// What BuildKit refuses too

export const expansionFailed = (range: Range, message: Message): Problem => problem("build/variable", range, message);

export const blankImage = (range: Range, written: string): Problem =>
  problem(
    "build/image-name",
    range,
    msg('"{written}" becomes an empty image name. Give its variables a value: ARG before FROM, or a build argument.', {
      written,
    }),
  );

export const badImageName = (range: Range, name: string): Problem =>
  problem(
    "build/image-name",
    range,
    msg('"{name}" is neither a stage of this file nor a possible image name. Names are lower case, like node:24.', {
      name,
    }),
  );

export const badPlatform = (range: Range, text: string): Problem =>
  problem("build/platform", range, msg('"{text}" is not a platform. Write it like linux/amd64.', { text }));

export const targetNotFound = (range: Range, target: string): Problem =>
  problem(
    "build/target",
    range,
    msg('There is no stage "{target}". Name one with FROM image AS {target}.', { target }),
  );

export const noSuchStageIndex = (range: Range, index: string): Problem =>
  problem(
    "build/stage-index",
    range,
    msg("There is no stage {index}. Stages are counted from 0; better use a name.", { index }),
  );

export const circularStages = (range: Range, stage: string): Problem =>
  problem(
    "build/circular",
    range,
    msg('The stage "{stage}" needs its own result. Take it from another stage.', { stage }),
  );

export const imageMissing = (range: Range, name: string): Problem =>
  problem(
    "build/image-missing",
    range,
    msg('The image "{name}" is not known here yet. Pull it or build once.', { name }),
  );

export const badTriggerText = (range: Range, text: string): Problem =>
  problem(
    "build/trigger",
    range,
    msg('The base image has an ONBUILD trigger that cannot be read: "{text}".', { text }),
  );

export const badPort = (range: Range, text: string): Problem =>
  problem(
    "build/port",
    range,
    msg('"{text}" is not a port. Use 1 to 65535, like 8080 or 53/udp or 3000-3005.', { text }),
  );

export const badSignal = (range: Range, text: string): Problem =>
  problem("build/signal", range, msg('"{text}" is not a signal. Use a name like SIGTERM or a number.', { text }));

export const badMode = (range: Range, text: string): Problem =>
  problem(
    "build/chmod",
    range,
    msg('"{text}" is not a file mode. Use octal digits like 644, or u=rwX,go=rX.', { text }),
  );

export const badNetwork = (range: Range, text: string): Problem =>
  problem("build/network", range, msg('"{text}" is not a network of RUN. Use default, none or host.', { text }));

export const heredocName = (range: Range, name: string): Problem =>
  problem("build/heredoc-name", range, msg('The heredoc "{name}" cannot name a file. Use a word like EOF.', { name }));

export const blankVolume = (range: Range): Problem =>
  problem("build/volume", range, msg("The path of the volume is empty. Give its variables a value."));

export const checksumOfLocal = (range: Range): Problem =>
  problem("build/checksum", range, msg("A checksum can only be given for a download. Remove --checksum."));

// What this engine cannot do yet

export const foreignSyntax = (range: Range, syntax: string): Problem =>
  problem(
    "unsupported/syntax",
    range,
    msg(
      'The built-in engine reads docker/dockerfile syntax only, not "{syntax}". Build with Docker (BuildKit) instead.',
      {
        syntax,
      },
    ),
  );

export const addRemote = (range: Range, source: string): Problem =>
  problem(
    "unsupported/add-remote",
    range,
    msg("The built-in engine does not download {source} for ADD. Use RUN with curl, or build with Docker (BuildKit).", {
      source,
    }),
  );

export const addArchive = (range: Range, source: string): Problem =>
  problem(
    "unsupported/add-archive",
    range,
    msg(
      "The built-in engine does not unpack {source} for ADD. Use COPY and RUN tar, or build with Docker (BuildKit).",
      {
        source,
      },
    ),
  );

export const runMount = (range: Range): Problem =>
  problem(
    "unsupported/run-mount",
    range,
    msg("The built-in engine has no RUN --mount yet. Remove it, or build with Docker (BuildKit)."),
  );

export const runFlag = (range: Range, flag: string): Problem =>
  problem(
    "unsupported/run-flag",
    range,
    msg("The built-in engine has no RUN --{flag}. Remove it, or build with Docker (BuildKit).", { flag }),
  );
