/** Set by the builder: in FROM without ARG, in a stage behind `ARG NAME`. */
export const platformArguments: ReadonlySet<string> = new Set([
  ...["BUILD", "TARGET"].flatMap((side) =>
    ["PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT"].map((part) => side + part),
  ),
  "TARGETSTAGE",
]);

const proxies = /^(?:HTTP|HTTPS|FTP|NO|ALL)_PROXY$/i;

/** Arguments that mean something to the builder, whether the file uses them or not. */
export function isBuildersArgument(name: string): boolean {
  return (
    platformArguments.has(name) || proxies.test(name) || name === "SOURCE_DATE_EPOCH" || name.startsWith("BUILDKIT_")
  );
}

const ofSystems = new Set(
  (
    "PATH HOME HOSTNAME PWD USER SHELL TERM LANG LANGUAGE TZ JAVA_HOME JAVA_VERSION GOPATH GOROOT GOLANG_VERSION NODE_VERSION " +
    "YARN_VERSION PYTHONPATH PYTHON_VERSION LD_LIBRARY_PATH LIBRARY_PATH CPATH PKG_CONFIG_PATH MANPATH CLASSPATH CUDA_HOME " +
    "CUDA_VERSION CATALINA_HOME MAVEN_HOME GRADLE_HOME CARGO_HOME RUSTUP_HOME GEM_HOME BUNDLE_PATH PHP_INI_DIR PGDATA NODE_PATH VIRTUAL_ENV"
  ).split(" "),
);

/** Variables that images often bring along. */
export function isOftenInherited(name: string): boolean {
  return ofSystems.has(name) || name.startsWith("LC_") || proxies.test(name);
}
