/** Values of SHELL, by what the image is likely to have. */
export const shells: readonly string[] = [
  '["/bin/bash", "-o", "pipefail", "-c"]',
  '["/bin/sh", "-eo", "pipefail", "-c"]',
  '["/bin/ash", "-eo", "pipefail", "-c"]',
  '["/bin/sh", "-c"]',
  `["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]`,
  '["pwsh", "-Command"]',
  '["cmd", "/S", "/C"]',
];

/** Variables that images of a language are usually given, with a value. */
export const environments: Readonly<Record<string, readonly string[]>> = {
  node: ["NODE_ENV=production", "PORT=3000", "NODE_OPTIONS="],
  python: ["PYTHONUNBUFFERED=1", "PYTHONDONTWRITEBYTECODE=1", "PIP_NO_CACHE_DIR=1", "PATH=/opt/venv/bin:$PATH"],
  golang: ["CGO_ENABLED=0", "GOFLAGS=-trimpath"],
  rust: ["CARGO_TERM_COLOR=never"],
  ruby: ["RAILS_ENV=production", "BUNDLE_DEPLOYMENT=1", "BUNDLE_WITHOUT=development:test"],
  "eclipse-temurin": ["JAVA_TOOL_OPTIONS=-XX:MaxRAMPercentage=75"],
  php: ["APP_ENV=production"],
  postgres: ["POSTGRES_DB=", "POSTGRES_USER=", "PGDATA=/var/lib/postgresql/data"],
  mysql: ["MYSQL_DATABASE=", "MYSQL_USER="],
  debian: ["LANG=C.UTF-8", "TZ=Etc/UTC"],
};

/** Stage names that say what a stage is for. */
export const stageNames: readonly string[] = ["build", "deps", "base", "runtime", "test", "dev", "final"];
