import { msg } from "../../../../engine/base/message.ts";
import type { ProjectView } from "../../../lint/views.ts";
import { anyOf, has, ifThere, image, portOf, type Template } from "./template.ts";

/** A server says so in its sources or its manifest; a program that is none gets no EXPOSE. */
const expose = (port: number | undefined) => (port ? `EXPOSE ${port}\n` : "");

const go: Template = {
  id: "go",
  label: "Dockerfile: Go",
  says: msg("A static Go program alone in a small image, without root"),
  fits: (project) => has(project, "go.mod"),
  text: (project) => {
    const main = mainPackage(project);
    const file = main === "." ? "main.go" : `${main}/main.go`;
    const isServer = !project.known || /"net\/http"|gin-gonic|labstack\/echo|gofiber/.test(project.text(file) ?? "");
    return `FROM ${image("golang")} AS build
WORKDIR /src
COPY go.mod${ifThere(project, "go.sum")} ./
RUN --mount=type=cache,target=/go/pkg/mod \\
    go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod \\
    --mount=type=cache,target=/root/.cache/go-build \\
    CGO_ENABLED=0 go build -trimpath -o /out/app ${main}

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/app /app
USER nonroot
${expose(portOf(project, file, isServer ? 8080 : 0))}ENTRYPOINT ["/app"]
`;
  },
  ignores: () => ["**/*.test", "**/*.out"],
};

/** `./cmd/<name>` when that is the only one. */
function mainPackage(project: ProjectView): string {
  if (has(project, "main.go")) return ".";
  const commands = project.list("cmd")?.filter(({ isFolder }) => isFolder) ?? [];
  const [only] = commands;
  return only !== undefined && commands.length === 1 ? `./cmd/${only.name}` : ".";
}

const rust: Template = {
  id: "rust",
  label: "Dockerfile: Rust",
  says: msg("A Rust program in a small image, crates cached, without root"),
  fits: (project) => has(project, "Cargo.toml"),
  text: (project) => {
    const manifest = project.text("Cargo.toml") ?? "";
    const name = /^\s*name\s*=\s*"([\w-]+)"/m.exec(manifest)?.[1] ?? "app";
    const bound = Number(/"[\w.[\]:]*:(\d{4,5})"/.exec(project.text("src/main.rs") ?? "")?.[1] ?? 0);
    const isServer = !project.known || /^(?:axum|actix-web|warp|hyper|poem|salvo|rocket)\b/m.test(manifest);
    return `FROM ${image("rust")} AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \\
    --mount=type=cache,target=/src/target \\
    cargo build --release${has(project, "Cargo.lock") || !project.known ? " --locked" : ""} \\
    && cp target/release/${name} /usr/local/bin/app

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /usr/local/bin/app /app
USER nonroot
${expose(bound || (isServer ? 8080 : 0))}ENTRYPOINT ["/app"]
`;
  },
  ignores: () => ["target"],
};

function javaEnd(project: ProjectView, manifest: string | undefined, jar: string): string {
  const isServer = manifest === undefined || /spring|quarkus|micronaut|helidon|javalin|jakarta|ktor/i.test(manifest);
  const properties = project.text("src/main/resources/application.properties") ?? "";
  const set = Number(/^server\.port\s*=\s*(\d+)/m.exec(properties)?.[1] ?? 0);
  return `FROM ${image("eclipse-temurin")}
WORKDIR /app
COPY --from=build ${jar} ./app.jar
USER 10001:10001
${expose(set || (isServer ? 8080 : 0))}ENTRYPOINT ["java", "-jar", "app.jar"]
`;
}

const maven: Template = {
  id: "java-maven",
  label: "Dockerfile: Java (Maven)",
  says: msg("Java built by Maven, run by a JRE, without root"),
  fits: (project) => has(project, "pom.xml"),
  text: (project) => `FROM ${image("maven")} AS build
WORKDIR /src
COPY pom.xml ./
RUN --mount=type=cache,target=/root/.m2 \\
    mvn -B -ntp dependency:go-offline
COPY src ./src
RUN --mount=type=cache,target=/root/.m2 \\
    mvn -B -ntp package -DskipTests

${javaEnd(project, project.text("pom.xml"), "/src/target/*.jar")}`,
  ignores: () => ["target"],
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
    const manifest = project.text(scripts.find((name) => name.startsWith("build.")) ?? "build.gradle");
    return `FROM ${image("gradle")} AS build
WORKDIR /src
COPY ${scripts.join(" ") || "*.gradle*"} ./
RUN --mount=type=cache,target=/root/.gradle \\
    gradle --no-daemon dependencies
COPY src ./src
RUN --mount=type=cache,target=/root/.gradle \\
    gradle --no-daemon build -x test \\
    && rm -f build/libs/*-plain.jar

${javaEnd(project, manifest, "/src/build/libs/*.jar")}`;
  },
  ignores: () => ["build", ".gradle"],
};

const dotnet: Template = {
  id: "dotnet",
  label: "Dockerfile: .NET",
  says: msg(".NET published by the SDK, run by the ASP.NET image, without root"),
  fits: (project) => anyOf(project, /\.(?:cs|fs)proj$/) !== undefined,
  text: (project) => {
    const file = anyOf(project, /\.(?:cs|fs)proj$/) ?? "App.csproj";
    const manifest = project.text(file) ?? "";
    const version = /<TargetFramework>net(\d+\.\d+)</.exec(manifest)?.[1] ?? "10.0";
    // A console program needs no web server's libraries.
    const isWeb = !/Sdk="Microsoft\.NET\.Sdk"/.test(manifest);
    return `FROM mcr.microsoft.com/dotnet/sdk:${version} AS build
WORKDIR /src
COPY ${file} ./
RUN --mount=type=cache,target=/root/.nuget/packages \\
    dotnet restore
COPY . .
RUN --mount=type=cache,target=/root/.nuget/packages \\
    dotnet publish ${file} -c Release -o /out --no-restore

FROM mcr.microsoft.com/dotnet/${isWeb ? "aspnet" : "runtime"}:${version}
WORKDIR /app
COPY --from=build /out .
USER $APP_UID
${expose(isWeb ? 8080 : undefined)}ENTRYPOINT ["dotnet", "${file.replace(/\.\w+$/, "")}.dll"]
`;
  },
  ignores: () => ["**/bin", "**/obj", ".vs"],
};

export const compiledTemplates: readonly Template[] = [go, rust, maven, gradle, dotnet];
