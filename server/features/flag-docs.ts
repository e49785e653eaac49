import { type Message, msg } from "../../engine/base/message.ts";

const copyFlags: Readonly<Record<string, Message>> = {
  chown: msg("Owner of the copied files: user or user:group, by name or number"),
  chmod: msg("Permissions of the copied files, like 644 or u+x"),
  link: msg("Makes the layer independent of those before it, so that it is reused when they change"),
  exclude: msg("Leaves out files that match the pattern"),
};

/** What a flag does, by keyword and name. */
export const flagDocs: Readonly<Record<string, Readonly<Record<string, Message>>>> = {
  FROM: { platform: msg("Platform of the base image, like linux/amd64 or $BUILDPLATFORM") },
  COPY: {
    from: msg("Takes the files from a stage or an image and not from the build context"),
    ...copyFlags,
    parents: msg("Keeps the folders of the sources"),
  },
  ADD: {
    ...copyFlags,
    checksum: msg("Checks the downloaded file: sha256: and 64 digits"),
    "keep-git-dir": msg("Keeps the .git folder of a repository"),
    unpack: msg("Says whether an archive is unpacked"),
  },
  RUN: {
    mount: msg("Makes a folder, a cache, a secret or an SSH key available during this command only"),
    network: msg("Network of the command: default, none or host"),
    security: msg("sandbox, or insecure for a privileged command"),
    device: msg("Makes a device available during the command"),
  },
  HEALTHCHECK: {
    interval: msg("Time between two checks, like 30s"),
    timeout: msg("A check that takes longer has failed, like 5s"),
    "start-period": msg("Failures in this time after the start do not count"),
    "start-interval": msg("Time between two checks during the start period"),
    retries: msg("So many failures in a row make the container unhealthy"),
  },
};

/** `RUN --mount=` keys by type. */
export const mountKeys: Readonly<Record<string, readonly string[]>> = {
  bind: ["target", "source", "from", "rw"],
  cache: ["target", "id", "sharing", "from", "source", "mode", "uid", "gid", "ro"],
  tmpfs: ["target", "size"],
  secret: ["id", "target", "env", "required", "mode", "uid", "gid"],
  ssh: ["id", "target", "required", "mode", "uid", "gid"],
};
