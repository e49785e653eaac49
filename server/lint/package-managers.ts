/** The step that fetches a project's dependencies, and the files it reads. */
export interface Install {
  readonly manager: string;
  /** Files whose change must repeat the step; those that exist are copied first. */
  readonly manifests: readonly string[];
  /** What to copy when the folder cannot be seen. */
  readonly usual: string;
  /** False when the step also wants the sources, so that copying the manifests alone would break it. */
  readonly manifestsSuffice: boolean;
  /** False when the words say in which folder to work, or when the step works the same in any folder. */
  readonly usesWorkingFolder: boolean;
}

type Reader = (args: readonly string[]) => Partial<Install> | undefined;

/** No packages named: `npm install`, not `npm install -g typescript`. */
function projectWide(args: readonly string[], verbs: readonly string[]): boolean {
  const [verb, ...rest] = args.filter((arg) => !arg.startsWith("-"));
  const flagged = args.some((arg) => /^(-g|--global|--location=global|--version|--help)$/.test(arg));
  return verb !== undefined && verbs.includes(verb) && rest.length === 0 && !flagged;
}

function elsewhere(args: readonly string[]): boolean {
  return args.some((arg) => /^(--prefix|--cwd|-C|--dir|--directory|--project|--working-dir|-f|--file)(=|$)/.test(arg));
}

const node = (lock: readonly string[], usual: string, verbs: readonly string[]): Reader => {
  const manifests = ["package.json", ...lock, ".npmrc"];
  return (args) => {
    const dependsOnFolder = elsewhere(args);
    const isFolder = (at: number) => elsewhere([args[at - 1] ?? ""]) && !args[at - 1]?.includes("=");
    const own = args.filter((arg, at) => !elsewhere([arg]) && !isFolder(at));
    return projectWide(own, verbs) ? { manifests, usual, usesWorkingFolder: !dependsOnFolder } : undefined;
  };
};

const pip: Reader = (args) => {
  if (args[0] !== "install") return undefined;
  const files = args.flatMap((arg, at) => {
    const named = /^(?:-r|-c|--requirement=|--constraint=)(.+)$/.exec(arg)?.[1];
    if (named) return [named];
    return /^(-r|--requirement|-c|--constraint)$/.test(arg) && args[at + 1] ? [args[at + 1] as string] : [];
  });
  const relative = files.filter((file) => !/^([/$]|https?:)/.test(file)).map((file) => file.replace(/^\.\//, ""));
  const alone = !args.some((arg, at) => at > 0 && /^(\.|\.\/.*|-e|--editable)$/.test(arg) && !files.includes(arg));
  if (relative.length === 0) return undefined;
  return { manifests: relative, usual: relative.join(" "), manifestsSuffice: alone };
};

const conda: Reader = (args) => {
  const file = args[args.findIndex((arg) => /^(?:-f|--file)$/.test(arg)) + 1];
  const isEnvironment = args[0] === "env" && /^(?:create|update)$/.test(args[1] ?? "");
  if (!isEnvironment || !file || /^[/$]/.test(file) || !args.some((arg) => /^(?:-f|--file)$/.test(arg)))
    return undefined;
  return { manifests: [file.replace(/^\.\//, "")], usesWorkingFolder: true };
};

/** A wrapper script brings its folder along, which a COPY of files would spill: then there is no plain list of manifests. */
function maven(args: readonly string[], manifestsSuffice: boolean): Partial<Install> | undefined {
  return args.some((arg) => /^(?:[\w.-]+:)*(?:dependency:|go-offline$)/.test(arg))
    ? { manifests: ["pom.xml"], manifestsSuffice }
    : undefined;
}

function gradle(args: readonly string[], manifestsSuffice: boolean): Partial<Install> | undefined {
  if (!args.includes("dependencies")) return undefined;
  const manifests = ["build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts", "gradle.properties"];
  return { manifests, usual: "*.gradle*", manifestsSuffice };
}

const pub: Reader = (args) =>
  args[0] === "pub" && args[1] === "get" ? { manifests: ["pubspec.yaml", "pubspec.lock"] } : undefined;

const readers: Readonly<Record<string, Reader>> = {
  npm: node(["package-lock.json", "npm-shrinkwrap.json"], "package*.json", ["install", "i", "ci", "clean-install"]),
  yarn: (args) =>
    node(["yarn.lock", ".yarnrc.yml"], "package.json yarn.lock", ["install"])(
      args.every((arg) => arg.startsWith("-")) ? ["install", ...args] : args,
    ),
  pnpm: node(["pnpm-lock.yaml", "pnpm-workspace.yaml"], "package.json pnpm-lock.yaml", ["install", "i"]),
  bun: node(["bun.lock", "bun.lockb"], "package.json bun.lock*", ["install", "i"]),
  pip,
  pip3: pip,
  python: (args) => (args[0] === "-m" && args[1] === "pip" ? pip(args.slice(2)) : undefined),
  pipenv: (args) => (projectWide(args, ["install", "sync"]) ? { manifests: ["Pipfile", "Pipfile.lock"] } : undefined),
  conda,
  mamba: conda,
  micromamba: conda,
  poetry: (args) =>
    projectWide(args, ["install"])
      ? { manifests: ["pyproject.toml", "poetry.lock"], manifestsSuffice: args.includes("--no-root") }
      : undefined,
  uv: (args) =>
    projectWide(args, ["sync"])
      ? { manifests: ["pyproject.toml", "uv.lock"], manifestsSuffice: args.includes("--no-install-project") }
      : undefined,
  go: (args) => (args[0] === "mod" && args[1] === "download" ? { manifests: ["go.mod", "go.sum"] } : undefined),
  cargo: (args) =>
    args[0] === "fetch" ? { manifests: ["Cargo.toml", "Cargo.lock"], manifestsSuffice: false } : undefined,
  bundle: (args) =>
    args.length === 0 || args[0] === "install" ? { manifests: ["Gemfile", "Gemfile.lock"] } : undefined,
  composer: (args) =>
    projectWide(args, ["install"])
      ? { manifests: ["composer.json", "composer.lock"], manifestsSuffice: args.includes("--no-scripts") }
      : undefined,
  mvn: (args) => maven(args, true),
  mvnw: (args) => maven(args, false),
  gradle: (args) => gradle(args, true),
  gradlew: (args) => gradle(args, false),
  dotnet: (args) =>
    args[0] === "restore" && args.slice(1).every((arg) => arg.startsWith("-"))
      ? { manifests: ["*.csproj", "*.fsproj", "*.sln", "NuGet.config", "Directory.Packages.props"], usual: "*.csproj" }
      : undefined,
  mix: (args) => (args[0] === "deps.get" ? { manifests: ["mix.exs", "mix.lock"] } : undefined),
  dart: pub,
  flutter: pub,
  swift: (args) =>
    args[0] === "package" && args[1] === "resolve" ? { manifests: ["Package.swift", "Package.resolved"] } : undefined,
  deno: (args) =>
    projectWide(args, ["install"])
      ? { manifests: ["deno.json", "deno.jsonc", "deno.lock", "package.json"] }
      : undefined,
};

/** Whether it is worth while to gather the words of this program. */
export function mayInstall(program: string): boolean {
  return Object.hasOwn(readers, program) || program.startsWith("python3");
}

/** What `words` (a program's name and its arguments) installs; undefined for anything else. */
export function installOf(words: readonly string[]): Install | undefined {
  const [program = "", ...args] = words;
  const name = program.replace(/^python3(\.\d+)?$/, "python");
  const found = Object.hasOwn(readers, name) ? readers[name]?.(args) : undefined;
  if (!found) return undefined;
  const manifests = found.manifests ?? [];
  return {
    manager: name,
    usual: manifests.join(" "),
    manifestsSuffice: true,
    usesWorkingFolder: !elsewhere(args),
    ...found,
    manifests,
  };
}
