import { type Message, msg } from "../../../engine/base/message.ts";

export const mountTypeDocs: Readonly<Record<string, Message>> = {
  cache: msg("A folder that stays from build to build, for what package managers download"),
  bind: msg("Files of the context, a stage or an image, without a layer of their own"),
  secret: msg("A file or variable that this command sees and the image does not keep"),
  ssh: msg("The SSH agent of the one who builds"),
  tmpfs: msg("An empty folder in memory"),
};

export const mountKeyDocs: Readonly<Record<string, Message>> = {
  type: msg("Which kind of mount; bind without it"),
  target: msg("Where it is during the command"),
  source: msg("What of the source is mounted; everything without it"),
  from: msg("A stage or an image instead of the build context"),
  id: msg("Which one it is; the target without it"),
  sharing: msg("What happens when two builds want the cache at once"),
  readwrite: msg("The command may write; what it wrote is thrown away"),
  readonly: msg("The command may not write"),
  required: msg("Without the secret or the agent the build fails"),
  env: msg("The name of a variable that holds the secret"),
  size: msg("How large it may become, like 64m"),
  mode: msg("Permissions, like 0700"),
  uid: msg("Number of the user that it belongs to"),
  gid: msg("Number of the group that it belongs to"),
};

export const sharingDocs: Readonly<Record<string, Message>> = {
  shared: msg("Both use it at the same time; the default"),
  locked: msg("The second one waits: for apt, whose folder takes one at a time"),
  private: msg("The second one gets a folder of its own"),
};

/** The folders that programs keep downloads in, as root. `locked`: only one at a time may use it. */
export const cacheTargets: Readonly<
  Record<string, readonly { readonly target: string; readonly isLocked?: boolean }[]>
> = {
  npm: [{ target: "/root/.npm" }],
  npx: [{ target: "/root/.npm" }],
  yarn: [{ target: "/usr/local/share/.cache/yarn" }, { target: "/root/.yarn/berry/cache" }],
  pnpm: [{ target: "/root/.local/share/pnpm/store" }],
  bun: [{ target: "/root/.bun/install/cache" }],
  pip: [{ target: "/root/.cache/pip" }],
  pip3: [{ target: "/root/.cache/pip" }],
  python: [{ target: "/root/.cache/pip" }],
  poetry: [{ target: "/root/.cache/pypoetry" }],
  uv: [{ target: "/root/.cache/uv" }],
  go: [{ target: "/root/.cache/go-build" }, { target: "/go/pkg/mod" }],
  cargo: [{ target: "/usr/local/cargo/registry" }, { target: "/usr/local/cargo/git" }, { target: "target" }],
  mvn: [{ target: "/root/.m2" }],
  mvnw: [{ target: "/root/.m2" }],
  gradle: [{ target: "/root/.gradle" }],
  gradlew: [{ target: "/root/.gradle" }],
  dotnet: [{ target: "/root/.nuget/packages" }],
  composer: [{ target: "/tmp/cache" }],
  bundle: [{ target: "/usr/local/bundle/cache" }],
  apt: [
    { target: "/var/cache/apt", isLocked: true },
    { target: "/var/lib/apt", isLocked: true },
  ],
  "apt-get": [
    { target: "/var/cache/apt", isLocked: true },
    { target: "/var/lib/apt", isLocked: true },
  ],
  apk: [{ target: "/var/cache/apk", isLocked: true }],
  dnf: [{ target: "/var/cache/libdnf5", isLocked: true }],
  gcc: [{ target: "/root/.ccache" }],
  make: [{ target: "/root/.ccache" }],
};
