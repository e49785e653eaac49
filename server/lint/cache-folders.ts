import type { StageView } from "./views.ts";

/** The folders in which a package manager keeps what it downloads, for `RUN --mount=type=cache`. */
export interface CacheFolders {
  readonly folders: readonly string[];
  /** Two builds at a time must not write there. */
  readonly isLocked?: boolean;
  /** What later steps use lies in these folders itself: every step of the manager needs the mounts. */
  readonly isStore?: boolean;
}

type Reader = (stage: StageView, variable: (name: string) => string | undefined) => CacheFolders;

const home =
  (folder: string): Reader =>
  () => ({ folders: [`/root/${folder}`] });

const npm: Reader = (_, variable) => ({ folders: [variable("npm_config_cache") ?? "/root/.npm"] });
const pip: Reader = (_, variable) => ({ folders: [variable("PIP_CACHE_DIR") ?? "/root/.cache/pip"] });
const maven: Reader = () => ({ folders: ["/root/.m2/repository"], isStore: true });

const gradle: Reader = ({ base }, variable) => {
  const usual =
    base.repository === "gradle" || base.repository === "library/gradle" ? "/home/gradle/.gradle" : "/root/.gradle";
  return { folders: [variable("GRADLE_USER_HOME") ?? usual], isStore: true };
};

const cargo: Reader = (stage, variable) => {
  const isRust = /(?:^|\/)(?:rust|cargo-chef)$/.test(imageOf(stage));
  const folder = variable("CARGO_HOME") ?? (isRust ? "/usr/local/cargo" : "/root/.cargo");
  return { folders: [`${folder}/registry`, `${folder}/git`], isStore: true };
};

const go: Reader = (stage, variable) => {
  const usual = /(?:^|\/)golang$/.test(imageOf(stage)) ? "/go" : "/root/go";
  const modules = variable("GOMODCACHE") ?? `${variable("GOPATH") ?? usual}/pkg/mod`;
  return { folders: [modules, variable("GOCACHE") ?? "/root/.cache/go-build"], isStore: true };
};

const readers: Readonly<Record<string, Reader>> = {
  npm,
  yarn: ({ project }, variable) => ({
    folders: [
      variable("YARN_CACHE_FOLDER") ??
        (project.exists(".yarnrc.yml") ? "/root/.yarn/berry/cache" : "/usr/local/share/.cache/yarn"),
    ],
  }),
  pnpm: (_, variable) => {
    const folder = variable("PNPM_HOME");
    return { folders: [folder ? `${folder}/store` : "/root/.local/share/pnpm/store"] };
  },
  bun: home(".bun/install/cache"),
  pip,
  pip3: pip,
  python: pip,
  pipenv: home(".cache/pipenv"),
  // Its virtual environments are beside them and have to stay in the image.
  poetry: () => ({ folders: ["/root/.cache/pypoetry/cache", "/root/.cache/pypoetry/artifacts"] }),
  uv: (_, variable) => ({ folders: [variable("UV_CACHE_DIR") ?? "/root/.cache/uv"] }),
  conda: () => ({ folders: ["/opt/conda/pkgs"] }),
  mamba: () => ({ folders: ["/opt/conda/pkgs"] }),
  go,
  cargo,
  mvn: maven,
  mvnw: maven,
  gradle,
  gradlew: gradle,
  dotnet: () => ({ folders: ["/root/.nuget/packages"], isStore: true }),
  composer: ({ base }) => ({
    folders: [/^(?:library\/)?composer$/.test(base.repository ?? "") ? "/tmp/cache" : "/root/.composer/cache"],
  }),
  dart: (_, variable) => ({ folders: [variable("PUB_CACHE") ?? "/root/.pub-cache"], isStore: true }),
  flutter: (_, variable) => ({ folders: [variable("PUB_CACHE") ?? "/root/.pub-cache"], isStore: true }),
  mix: home(".hex"),
  apt: () => ({ folders: ["/var/cache/apt", "/var/lib/apt"], isLocked: true }),
  dnf: () => ({ folders: ["/var/cache/libdnf5", "/var/cache/dnf"], isLocked: true }),
  apk: () => ({ folders: ["/etc/apk/cache"], isLocked: true }),
};

/** Where `manager` keeps its cache for root in this stage; ENV of the stage is respected. Undefined: not known. */
export function cacheFoldersOf(manager: string, stage: StageView): CacheFolders | undefined {
  const reader = Object.hasOwn(readers, manager) ? readers[manager] : undefined;
  // At the end of the stage: ENV is said once.
  const last = stage.instructions.at(-1);
  const variables = last && stage.variablesAt(last.onbuild ?? last.instruction);
  return reader?.(stage, (name) => {
    const value = variables?.get(name)?.value;
    return value?.startsWith("/") ? value : undefined;
  });
}

function imageOf(stage: StageView): string {
  let root = stage;
  while (root.parent) root = root.parent;
  return root.base.repository ?? "";
}
