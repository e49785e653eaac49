import { type Message, msg } from "../../../engine/base/message.ts";

export interface FlagDoc {
  readonly more?: Message;
  readonly example: string;
}

const ofCopy: Readonly<Record<string, FlagDoc>> = {
  chown: {
    more: msg("Without it files belong to root, also behind USER. Names have to exist in the image; numbers need not."),
    example: "--chown=1000:1000",
  },
  chmod: { more: msg("It is cheaper than RUN chmod, which stores each file once more."), example: "--chmod=755" },
  link: {
    more: msg(
      "The destination may then not go through a symbolic link of an earlier layer. A new base image does not repeat the step.",
    ),
    example: "--link",
  },
  exclude: { more: msg("It may be written more than once; ** crosses folders."), example: "--exclude=**/*.test.js" },
};

/** What a hover says of a flag behind the line of `flag-docs.ts`. */
export const flagMore: Readonly<Record<string, Readonly<Record<string, FlagDoc>>>> = {
  FROM: {
    platform: {
      more: msg(
        "$BUILDPLATFORM is the machine that builds: for stages that only compile for another platform, which is faster than emulating it.",
      ),
      example: "--platform=$BUILDPLATFORM",
    },
  },
  COPY: {
    ...ofCopy,
    from: {
      more: msg("Sources then begin in the root of that stage or image, and .dockerignore does not count."),
      example: "--from=build",
    },
    parents: {
      more: msg("What stands before /./ is not kept."),
      example: "COPY --parents packages/*/package.json ./",
    },
  },
  ADD: {
    ...ofCopy,
    checksum: {
      more: msg("The build ends when something else is downloaded."),
      example: "--checksum=sha256:24454f83…",
    },
    "keep-git-dir": { example: "--keep-git-dir=true" },
    unpack: {
      more: msg("Without it archives of the context are unpacked and downloads are not."),
      example: "--unpack=true",
    },
  },
  RUN: {
    mount: {
      more: msg(
        "It is there during this command only and leaves nothing in the image. It may be written more than once.",
      ),
      example: "--mount=type=cache,target=/root/.cache/pip",
    },
    network: { example: "--network=none" },
    security: {
      more: msg("The builder has to allow it: build --allow security.insecure."),
      example: "--security=insecure",
    },
    device: { example: "--device=nvidia.com/gpu=all" },
  },
  HEALTHCHECK: {
    interval: { more: msg("30s without it."), example: "--interval=30s" },
    timeout: { more: msg("30s without it."), example: "--timeout=3s" },
    "start-period": { more: msg("0s without it: for programs that start slowly."), example: "--start-period=20s" },
    "start-interval": { more: msg("5s without it."), example: "--start-interval=2s" },
    retries: { more: msg("3 without it."), example: "--retries=3" },
  },
};

/** What single values of flags mean, by keyword, flag and value. */
export const flagValues: Readonly<Record<string, Message>> = {
  "RUN/network/default": msg("The network of the build"),
  "RUN/network/none": msg("No network but the loopback: the command cannot fetch anything"),
  "RUN/network/host": msg("The network of the machine that builds; the builder has to allow it"),
  "RUN/security/sandbox": msg("Without special rights; the default"),
  "RUN/security/insecure": msg("With all rights, as run --privileged; the builder has to allow it"),
};
