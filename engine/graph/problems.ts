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
  problem("build/checksum", range, msg("A checksum can only be given for one single download. Remove --checksum."));

export const badChecksum = (range: Range, text: string): Problem =>
  problem(
    "build/checksum",
    range,
    msg('"{text}" is not a checksum. Write sha256: and 64 hexadecimal digits, or for git the commit.', { text }),
  );

export const badEpoch = (range: Range, text: string): Problem =>
  problem(
    "build/epoch",
    range,
    msg('SOURCE_DATE_EPOCH is "{text}", and not a number of seconds since 1970. Use git log -1 --format=%ct.', {
      text,
    }),
  );

export const badAddress = (range: Range, text: string): Problem =>
  problem(
    "build/address",
    range,
    msg('"{text}" is not an address that can be fetched. Write it like https://host/repo.git#branch:folder.', { text }),
  );

// RUN --mount

const mountProblem = (range: Range, message: Message): Problem => problem("build/mount", range, message);

export const mountNeedsValue = (range: Range, field: string): Problem =>
  mountProblem(
    range,
    msg('"{field}" needs a value here. Fields are written key=value, with commas between them.', { field }),
  );

export const mountKey = (range: Range, key: string): Problem =>
  mountProblem(
    range,
    msg(
      '--mount has no key "{key}". Its keys are type, from, source, target, ro, rw, id, sharing, required, size, mode, uid, gid and env.',
      { key },
    ),
  );

export const mountKeyForType = (range: Range, key: string, type: string): Problem =>
  mountProblem(
    range,
    msg('A mount of type {type} has no "{key}". Remove it, or write the right type before it.', { key, type }),
  );

export const mountType = (range: Range, text: string): Problem =>
  mountProblem(range, msg('"{text}" is not a type of mount. Use bind, cache, tmpfs, secret or ssh.', { text }));

export const mountSharing = (range: Range, text: string): Problem =>
  mountProblem(range, msg('"{text}" is not a way of sharing a cache. Use shared, private or locked.', { text }));

export const mountBoolean = (range: Range, key: string, text: string): Problem =>
  mountProblem(range, msg('"{key}" is true or false, not "{text}".', { key, text }));

export const mountNumber = (range: Range, key: string, text: string): Problem =>
  mountProblem(
    range,
    key === "mode"
      ? msg('"{text}" is not a mode. Use octal digits, like 0755.', { text })
      : msg('"{text}" is not a number for {key}. Use a number like 1000; names are not known here.', { text, key }),
  );

export const mountSize = (range: Range, text: string): Problem =>
  mountProblem(range, msg('"{text}" is not a size. Write a number with a unit, like 64m or 1g.', { text }));

export const mountFromNumber = (range: Range, number: string): Problem =>
  mountProblem(
    range,
    msg("from= takes the name of a stage, not its number {number}. Name the stage with FROM image AS name.", {
      number,
    }),
  );

export const mountOnRoot = (range: Range): Problem =>
  mountProblem(range, msg("A mount cannot cover the root folder. Give another target, like target=/root/.cache."));

export const secretFrom = (range: Range): Problem =>
  mountProblem(range, msg("A secret comes from the build's --secret, not from a stage or image. Remove from=."));

export const secretUnnamed = (range: Range): Problem =>
  mountProblem(range, msg("The secret has no name. Give an id, like type=secret,id=npm_token."));

export const secretNamedTwice = (range: Range): Problem =>
  mountProblem(range, msg("source and id both name the secret. Keep id."));

export const sshSource = (range: Range): Problem =>
  mountProblem(range, msg("An ssh mount has no source. Name the agent with id=, or remove it."));

export const needsPermission = (range: Range, entitlement: string): Problem =>
  problem(
    "build/not-allowed",
    range,
    msg("This step asks for {entitlement}, which the build was not allowed. Allow it: --allow {entitlement}.", {
      entitlement,
    }),
  );

export const badSecurity = (range: Range, text: string): Problem =>
  problem("build/security", range, msg('"{text}" is not a security mode of RUN. Use sandbox or insecure.', { text }));

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

export const runDevice = (range: Range): Problem =>
  problem(
    "unsupported/run-device",
    range,
    msg("The built-in engine gives no devices to RUN. Remove --device, or build with Docker (BuildKit)."),
  );
