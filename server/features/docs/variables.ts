import { type Message, msg } from "../../../engine/base/message.ts";
import { own } from "../own.ts";

const parts: Readonly<Record<string, Message>> = {
  PLATFORM: msg("platform, like linux/arm64"),
  OS: msg("operating system, like linux"),
  OSVERSION: msg("version of the operating system; of Windows only"),
  ARCH: msg("processor, like amd64 or arm64"),
  VARIANT: msg("variant of the processor, like v7"),
};

const others: Readonly<Record<string, Message>> = {
  TARGETSTAGE: msg("Name of the stage that is built"),
  HTTP_PROXY: msg("Proxy of the build, without ARG; the image's history does not show it"),
  HTTPS_PROXY: msg("Proxy of the build, without ARG; the image's history does not show it"),
  FTP_PROXY: msg("Proxy of the build, without ARG; the image's history does not show it"),
  NO_PROXY: msg("Names that are reached without a proxy, without ARG"),
  ALL_PROXY: msg("Proxy of the build, without ARG; the image's history does not show it"),
  SOURCE_DATE_EPOCH: msg(
    "Time that the image's files and history bear, in seconds since 1970: for builds that can be repeated",
  ),
  BUILDKIT_INLINE_CACHE: msg("1 writes what a later build needs for its cache into the image"),
  BUILDKIT_CONTEXT_KEEP_GIT_DIR: msg("1 keeps the .git folder of a context that is a repository"),
  BUILDKIT_MULTI_PLATFORM: msg("1 makes an index, also for one platform"),
  BUILDKIT_SANDBOX_HOSTNAME: msg("Host name during RUN"),
  BUILDKIT_SYNTAX: msg("The version of the Dockerfile language, instead of # syntax"),
  PATH: msg("Folders in which programs are looked for"),
  HOME: msg("Home folder of the user, set when a command runs"),
  DEBIAN_FRONTEND: msg(
    "noninteractive keeps apt-get from asking. It belongs into one RUN or an ARG: in ENV it also holds for those who use the container",
  ),
  PYTHONUNBUFFERED: msg("1 writes output at once, so that logs show it"),
  PYTHONDONTWRITEBYTECODE: msg("1 leaves out .pyc files, which make the layer larger"),
  PIP_NO_CACHE_DIR: msg("1 keeps pip's downloads out of the layer"),
  NODE_ENV: msg("production makes npm leave out devDependencies, and many libraries faster"),
  CGO_ENABLED: msg("0 makes Go programs that need no C library, so that they run in scratch"),
  GOOS: msg("Operating system that Go compiles for; $TARGETOS gives it"),
  GOARCH: msg("Processor that Go compiles for; $TARGETARCH gives it"),
  LANG: msg("Language and character set, like C.UTF-8"),
  TZ: msg("Time zone, like Asia/Seoul; it needs tzdata in the image"),
};

/** What a name means to the builder or to well-known programs. */
export function wellKnownVariable(name: string): Message | undefined {
  const found = /^(BUILD|TARGET)(PLATFORM|OS|OSVERSION|ARCH|VARIANT)$/.exec(name);
  if (found) {
    const what = parts[found[2] ?? ""] ?? "";
    return found[1] === "BUILD"
      ? msg("Set by the builder, of the machine that builds: {what}", { what })
      : msg("Set by the builder, of the image that is made: {what}", { what });
  }
  const key = /_proxy$/.test(name) ? name.toUpperCase() : name;
  return own(others, key);
}
