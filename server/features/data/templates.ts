import { type Message, msg } from "../../../engine/base/message.ts";
import { readManifest } from "../../lint/node-project.ts";
import type { ProjectView } from "../../lint/views.ts";
import { knownImages } from "./bases.ts";

/** A whole Dockerfile for one kind of project. */
export interface Template {
  readonly id: string;
  /** What a person types to find it. */
  readonly label: string;
  readonly says: Message;
  fits(project: ProjectView): boolean;
  /** Without the syntax line. */
  text(project: ProjectView): string;
}

const image = (name: string) => `${name}:${knownImages[name]?.tag}`;
const has = (project: ProjectView, name: string) => project.names.includes(name);
const anyOf = (project: ProjectView, pattern: RegExp) => project.names.find((name) => pattern.test(name));

interface NodeTool {
  readonly lock: string;
  readonly cache: string;
  readonly install: string;
  readonly production: string;
  readonly run: string;
}

const nodeTools: Readonly<Record<string, NodeTool>> = {
  npm: {
    lock: "package-lock.json",
    cache: "/root/.npm",
    install: "npm ci",
    production: "npm ci --omit=dev",
    run: "npm run",
  },
  yarn: {
    lock: "yarn.lock",
    cache: "/usr/local/share/.cache/yarn",
    install: "yarn install --frozen-lockfile",
    production: "yarn install --frozen-lockfile --production",
    run: "yarn run",
  },
  pnpm: {
    lock: "pnpm-lock.yaml",
    cache: "/root/.local/share/pnpm/store",
    install: "corepack enable && pnpm install --frozen-lockfile",
    production: "corepack enable && pnpm install --frozen-lockfile --prod",
    run: "corepack enable && pnpm run",
  },
};

function nodeTemplate(name: string, tool: NodeTool): Template {
  return {
    id: `node-${name}`,
    label: `Dockerfile: Node.js (${name})`,
    says: msg("Node.js in stages: dependencies cached, without root"),
    fits: (project) =>
      has(project, "package.json") &&
      (has(project, tool.lock) || (name === "npm" && !has(project, "yarn.lock") && !has(project, "pnpm-lock.yaml"))),
    text: (project) => nodeText(project, tool),
  };
}

function nodeText(project: ProjectView, tool: NodeTool): string {
  const manifest = readManifest(project);
  const builds = manifest?.scripts.has("build") ?? false;
  const lock = has(project, tool.lock) || !project.known ? ` ${tool.lock}` : "";
  const isLocked = lock !== "";
  const install = isLocked ? tool.install : "npm install";
  const production = isLocked ? tool.production : "npm install --omit=dev";
  const start = /^node\s+(\S+)$/.exec(manifest?.scripts.get("start") ?? "")?.[1];
  const entry =
    start ??
    ["server.js", "index.js", "app.js"].find((name) => has(project, name)) ??
    (builds ? "dist/index.js" : "index.js");
  const mount = `RUN --mount=type=cache,target=${tool.cache} \\\n    `;
  const build = `FROM ${image("node")} AS build
WORKDIR /app
COPY package.json${lock} ./
${mount}${install}
COPY . .
RUN ${tool.run} build

`;
  return `FROM ${image("node")} AS deps
WORKDIR /app
COPY package.json${lock} ./
${mount}${production}

${builds ? build : ""}FROM ${image("node")}
ENV NODE_ENV=production
WORKDIR /app
COPY --from=deps /app/node_modules ./node_modules
${builds ? "COPY --from=build /app/dist ./dist\nCOPY package.json ./" : "COPY . ."}
USER node
EXPOSE 3000
CMD ["node", ${JSON.stringify(entry)}]
`;
}

function pythonEnd(project: ProjectView): string {
  const entry = ["app.py", "main.py", "server.py", "manage.py"].find((name) => has(project, name)) ?? "main.py";
  const isWeb = /\bFastAPI\(/.test(project.text(entry) ?? "");
  const command = isWeb
    ? `["uvicorn", "${entry.slice(0, -3)}:app", "--host", "0.0.0.0", "--port", "8000"]`
    : entry === "manage.py"
      ? '["python", "manage.py", "runserver", "0.0.0.0:8000"]'
      : `["python", "${entry}"]`;
  return `FROM ${image("python")}
ENV PYTHONUNBUFFERED=1 \\
    PATH=/opt/venv/bin:$PATH
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY . .
USER 10001:10001
EXPOSE 8000
CMD ${command}
`;
}

const pip: Template = {
  id: "python-pip",
  label: "Dockerfile: Python (pip)",
  says: msg("Python in a virtual environment, packages cached, without root"),
  fits: (project) => has(project, "requirements.txt"),
  text: (project) => `FROM ${image("python")} AS build
WORKDIR /app
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
COPY requirements.txt ./
RUN --mount=type=cache,target=/root/.cache/pip \\
    pip install -r requirements.txt

${pythonEnd(project)}`,
};

const poetry: Template = {
  id: "python-poetry",
  label: "Dockerfile: Python (Poetry)",
  says: msg("Python with Poetry: packages cached, the tool left out of the image, without root"),
  fits: (project) =>
    has(project, "poetry.lock") ||
    (!has(project, "uv.lock") && /^\[tool\.poetry\]/m.test(project.text("pyproject.toml") ?? "")),
  text: (project) => `FROM ${image("python")} AS build
ENV POETRY_VIRTUALENVS_CREATE=false \\
    VIRTUAL_ENV=/opt/venv \\
    PATH=/opt/venv/bin:$PATH
WORKDIR /app
RUN --mount=type=cache,target=/root/.cache/pip \\
    python -m venv /opt/venv && pip install poetry==2.2.1
COPY pyproject.toml poetry.lock ./
RUN --mount=type=cache,target=/root/.cache/pypoetry \\
    poetry install --no-root --only main

${pythonEnd(project)}`,
};

const uv: Template = {
  id: "python-uv",
  label: "Dockerfile: Python (uv)",
  says: msg("Python with uv: packages cached, the tool left out of the image, without root"),
  fits: (project) => has(project, "uv.lock"),
  text: (project) => `FROM ${image("python")} AS build
COPY --from=ghcr.io/astral-sh/uv:0.9.11 /uv /usr/local/bin/uv
ENV UV_LINK_MODE=copy \\
    UV_PROJECT_ENVIRONMENT=/opt/venv
WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN --mount=type=cache,target=/root/.cache/uv \\
    uv sync --locked --no-dev --no-install-project

${pythonEnd(project)}`,
};

const go: Template = {
  id: "go",
  label: "Dockerfile: Go",
  says: msg("A static Go program alone in a small image, without root"),
  fits: (project) => has(project, "go.mod"),
  text: (project) => `FROM ${image("golang")} AS build
WORKDIR /src
COPY go.mod${has(project, "go.sum") || !project.known ? " go.sum" : ""} ./
RUN --mount=type=cache,target=/go/pkg/mod \\
    go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod \\
    --mount=type=cache,target=/root/.cache/go-build \\
    CGO_ENABLED=0 go build -trimpath -o /out/app .

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/app /app
USER nonroot
EXPOSE 8080
ENTRYPOINT ["/app"]
`,
};

const rust: Template = {
  id: "rust",
  label: "Dockerfile: Rust",
  says: msg("A Rust program in a small image, crates cached, without root"),
  fits: (project) => has(project, "Cargo.toml"),
  text: (project) => {
    const name = /^\s*name\s*=\s*"([\w-]+)"/m.exec(project.text("Cargo.toml") ?? "")?.[1] ?? "app";
    return `FROM ${image("rust")} AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \\
    --mount=type=cache,target=/src/target \\
    cargo build --release --locked \\
    && cp target/release/${name} /usr/local/bin/app

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /usr/local/bin/app /app
USER nonroot
EXPOSE 8080
ENTRYPOINT ["/app"]
`;
  },
};

const javaEnd = (jar: string) => `FROM ${image("eclipse-temurin")}
WORKDIR /app
COPY --from=build ${jar} ./app.jar
USER 10001:10001
EXPOSE 8080
ENTRYPOINT ["java", "-jar", "app.jar"]
`;

const maven: Template = {
  id: "java-maven",
  label: "Dockerfile: Java (Maven)",
  says: msg("Java built by Maven, run by a JRE, without root"),
  fits: (project) => has(project, "pom.xml"),
  text: () => `FROM ${image("maven")} AS build
WORKDIR /src
COPY pom.xml ./
RUN --mount=type=cache,target=/root/.m2 \\
    mvn -B -ntp dependency:go-offline
COPY src ./src
RUN --mount=type=cache,target=/root/.m2 \\
    mvn -B -ntp package -DskipTests

${javaEnd("/src/target/*.jar")}`,
};

const gradle: Template = {
  id: "java-gradle",
  label: "Dockerfile: Java (Gradle)",
  says: msg("Java built by Gradle, run by a JRE, without root"),
  fits: (project) => anyOf(project, /^build\.gradle(?:\.kts)?$/) !== undefined,
  text: (project) => {
    const scripts = project.names.filter((name) =>
      /^(?:build|settings)\.gradle(?:\.kts)?$|^gradle\.properties$/.test(name),
    );
    return `FROM ${image("gradle")} AS build
WORKDIR /src
COPY ${scripts.join(" ") || "*.gradle*"} ./
RUN --mount=type=cache,target=/root/.gradle \\
    gradle --no-daemon dependencies
COPY src ./src
RUN --mount=type=cache,target=/root/.gradle \\
    gradle --no-daemon build -x test \\
    && rm -f build/libs/*-plain.jar

${javaEnd("/src/build/libs/*.jar")}`;
  },
};

const dotnet: Template = {
  id: "dotnet",
  label: "Dockerfile: .NET",
  says: msg(".NET published by the SDK, run by the ASP.NET image, without root"),
  fits: (project) => anyOf(project, /\.(?:cs|fs)proj$/) !== undefined,
  text: (project) => {
    const file = anyOf(project, /\.(?:cs|fs)proj$/) ?? "App.csproj";
    return `FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /src
COPY ${file} ./
RUN --mount=type=cache,target=/root/.nuget/packages \\
    dotnet restore
COPY . .
RUN --mount=type=cache,target=/root/.nuget/packages \\
    dotnet publish -c Release -o /out --no-restore

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /out .
USER $APP_UID
EXPOSE 8080
ENTRYPOINT ["dotnet", "${file.replace(/\.\w+$/, "")}.dll"]
`;
  },
};

const php: Template = {
  id: "php",
  label: "Dockerfile: PHP (Composer)",
  says: msg("PHP with Apache, packages from Composer, without root"),
  fits: (project) => has(project, "composer.json"),
  text: (project) => `FROM ${image("composer")} AS deps
WORKDIR /app
COPY composer.json${has(project, "composer.lock") || !project.known ? " composer.lock" : ""} ./
RUN --mount=type=cache,target=/tmp/cache \\
    composer install --no-dev --no-interaction --no-scripts --prefer-dist

FROM ${image("php")}
RUN sed -i 's/80/8080/' /etc/apache2/ports.conf /etc/apache2/sites-available/000-default.conf
WORKDIR /var/www/html
COPY --from=deps /app/vendor ./vendor
COPY . .
USER www-data
EXPOSE 8080
`,
};

const ruby: Template = {
  id: "ruby",
  label: "Dockerfile: Ruby (Bundler)",
  says: msg("Ruby with its gems built in a stage of their own, without root"),
  fits: (project) => has(project, "Gemfile"),
  text: (project) => {
    const lock = has(project, "Gemfile.lock") || !project.known ? " Gemfile.lock" : "";
    const command = has(project, "bin")
      ? '["bin/rails", "server", "-b", "0.0.0.0"]'
      : '["bundle", "exec", "rackup", "--host", "0.0.0.0", "--port", "3000"]';
    return `FROM ruby:3.4 AS build
ENV BUNDLE_WITHOUT=development:test
WORKDIR /app
COPY Gemfile${lock} ./
RUN bundle install

FROM ${image("ruby")}
ENV BUNDLE_WITHOUT=development:test
WORKDIR /app
COPY --from=build /usr/local/bundle /usr/local/bundle
COPY . .
USER 10001:10001
EXPOSE 3000
CMD ${command}
`;
  },
};

const site: Template = {
  id: "static",
  label: "Dockerfile: static site (nginx)",
  says: msg("Files served by nginx, without root"),
  fits: (project) => has(project, "index.html") || has(project, "public"),
  text: (project) => {
    const folder = !has(project, "index.html") && has(project, "public") ? "public" : ".";
    return `FROM nginxinc/nginx-unprivileged:1.29-alpine
COPY ${folder} /usr/share/nginx/html/
USER nginx
EXPOSE 8080
`;
  },
};

export const templates: readonly Template[] = [
  ...Object.entries(nodeTools).map(([name, tool]) => nodeTemplate(name, tool)),
  uv,
  poetry,
  pip,
  go,
  rust,
  maven,
  gradle,
  dotnet,
  php,
  ruby,
  site,
];
