import { type Message, msg } from "../../../engine/base/message.ts";

/** What the commands of package managers do in a build, by program and subcommand. */
export const programDocs: Readonly<Record<string, Message>> = {
  "apt-get update": msg(
    "Fetches the lists of packages. It belongs into the same RUN as the install: a cached list names packages that are gone.",
  ),
  "apt-get install": msg(
    "Installs packages. -y answers the question that nobody sees, --no-install-recommends leaves out what is only recommended; rm -rf /var/lib/apt/lists/* in the same RUN keeps the lists out of the layer.",
  ),
  "apt-get upgrade": msg(
    "Updates everything in the image: a newer tag of the base image does the same, and can be repeated.",
  ),
  "apk add": msg("Installs packages. --no-cache fetches the list and keeps nothing of it."),
  "apk del": msg("Removes packages. What an earlier step installed stays in its layer."),
  "dnf install": msg(
    "Installs packages. -y answers the question, and dnf clean all in the same RUN keeps the downloads out.",
  ),
  "npm ci": msg("Installs exactly what package-lock.json says, and fails when it does not fit package.json."),
  "npm install": msg("Installs what package.json asks for and may change the lock file; a build wants npm ci."),
  "npm run": msg("Runs a script of package.json."),
  "yarn install": msg(
    "Installs what package.json asks for; --immutable (1.x: --frozen-lockfile) keeps to the lock file.",
  ),
  "pnpm install": msg("Installs what package.json asks for; --frozen-lockfile keeps to the lock file."),
  "pip install": msg(
    "Installs packages of Python. --no-cache-dir, or a cache mount on /root/.cache/pip, keeps the downloads out of the layer.",
  ),
  "uv sync": msg(
    "Installs what uv.lock says into a virtual environment; --locked fails when it does not fit pyproject.toml.",
  ),
  "poetry install": msg("Installs what poetry.lock says; --only main leaves out the tools of development."),
  "go mod": msg("go mod download fetches the modules: a step of its own, behind COPY go.mod go.sum ./"),
  "go build": msg("Compiles. Cache mounts on /root/.cache/go-build and /go/pkg/mod make the next build fast."),
  "cargo build": msg("Compiles; --release makes the fast program, --locked keeps to Cargo.lock."),
  "mvn package": msg("Compiles and packs; -B asks nothing. A cache mount on /root/.m2 keeps what is fetched."),
  "dotnet restore": msg("Fetches the packages: a step of its own, behind COPY *.csproj ./"),
  "dotnet publish": msg("Compiles into the folder of -o, which the next stage takes."),
  "bundle install": msg("Installs what Gemfile.lock says."),
  "composer install": msg("Installs what composer.lock says; --no-dev leaves out the tools of development."),
};
