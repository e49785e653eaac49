/** A build command that fetches the project's dependencies on its way. */
export interface BuildFetch {
  readonly manager: string;
  /** Files that list the dependencies; those that exist are copied first. `*.csproj` stands for every file that ends so. */
  readonly manifests: readonly string[];
  /** What to copy when the folder cannot be seen. */
  readonly usual: string;
  /** Fetches the dependencies with nothing but the manifests; absent: there is no such command. */
  readonly fetch?: string;
}

interface Builder {
  readonly verbs: RegExp;
  readonly manifests: readonly string[];
  readonly usual?: string;
  readonly fetch?: string;
}

const go: Builder = {
  verbs: /^(?:build|install|test|vet)$/,
  manifests: ["go.mod", "go.sum"],
  fetch: "go mod download",
};
const maven: Builder = {
  verbs: /^(?:package|verify|install|compile|deploy)$/,
  manifests: ["pom.xml"],
  fetch: "mvn -B dependency:go-offline",
};
const gradleFiles = ["build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts", "gradle.properties"];
const gradle: Builder = {
  verbs: /^(?::?[\w-]+:)*(?:build|assemble|bootJar|shadowJar|jar|installDist)$/,
  manifests: gradleFiles,
  usual: "*.gradle*",
  fetch: "gradle dependencies --no-daemon",
};

const builders: Readonly<Record<string, Builder>> = {
  go,
  mvn: maven,
  mvnw: { verbs: maven.verbs, manifests: ["pom.xml"] },
  gradle,
  gradlew: { verbs: gradle.verbs, manifests: gradleFiles },
  cargo: { verbs: /^(?:build|b|install|test)$/, manifests: ["Cargo.toml", "Cargo.lock"] },
  dotnet: {
    verbs: /^(?:publish|build|test)$/,
    manifests: ["*.csproj", "*.fsproj", "*.sln", "NuGet.config", "Directory.Packages.props"],
    usual: "*.csproj",
    fetch: "dotnet restore",
  },
  swift: {
    verbs: /^build$/,
    manifests: ["Package.swift", "Package.resolved"],
    fetch: "swift package resolve",
  },
  flutter: { verbs: /^build$/, manifests: ["pubspec.yaml", "pubspec.lock"], fetch: "flutter pub get" },
};

/** The programs that may be one. */
export const buildPrograms: readonly string[] = Object.keys(builders);

/** Whether it is worth while to gather the words of this program. */
export function mayFetch(program: string): boolean {
  return Object.hasOwn(builders, program);
}

/** What `words` (a program's name and its arguments) fetches beside building; undefined for anything else. */
export function buildFetchOf(words: readonly string[]): BuildFetch | undefined {
  const [name = "", ...args] = words;
  const builder = Object.hasOwn(builders, name) ? builders[name] : undefined;
  if (!builder) return undefined;
  const operands = args.filter((arg) => !arg.startsWith("-"));
  // Packages of other places are no project: `go install example.org/tool@v1`, `cargo install ripgrep`.
  if (!operands.some((arg) => builder.verbs.test(arg)) || operands.some((arg) => /@|^\w+\.\w+\//.test(arg))) {
    return undefined;
  }
  if (name === "cargo" && operands[0] === "install" && !args.some((arg) => arg.startsWith("--path"))) return undefined;
  const { manifests, usual, fetch } = builder;
  return { manager: name, manifests, usual: usual ?? manifests.join(" "), ...(fetch !== undefined && { fetch }) };
}
