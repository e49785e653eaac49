import type { BaseView } from "../../lint/views.ts";

/** What is known of well-known images without asking anybody. */
export interface KnownImage {
  /** A tag that is a good start: of a version and a variant. */
  readonly tag: string;
  readonly ports?: readonly number[];
  readonly users?: readonly string[];
}

/** Images that people start from, most used first. */
export const knownImages: Readonly<Record<string, KnownImage>> = {
  node: { tag: "24-slim", ports: [3000], users: ["node"] },
  python: { tag: "3.14-slim", ports: [8000, 5000] },
  debian: { tag: "trixie-slim" },
  alpine: { tag: "3.22" },
  ubuntu: { tag: "24.04", users: ["ubuntu"] },
  golang: { tag: "1.27", ports: [8080] },
  nginx: { tag: "1.29-alpine", ports: [80], users: ["nginx"] },
  rust: { tag: "1-slim" },
  "eclipse-temurin": { tag: "25-jre", ports: [8080] },
  php: { tag: "8.4-apache", ports: [80], users: ["www-data"] },
  ruby: { tag: "3.4-slim", ports: [3000] },
  postgres: { tag: "18", ports: [5432], users: ["postgres"] },
  redis: { tag: "8", ports: [6379], users: ["redis"] },
  mysql: { tag: "8.4", ports: [3306], users: ["mysql"] },
  mariadb: { tag: "11.8", ports: [3306], users: ["mysql"] },
  mongo: { tag: "8", ports: [27017], users: ["mongodb"] },
  rabbitmq: { tag: "4-management", ports: [5672, 15672], users: ["rabbitmq"] },
  httpd: { tag: "2.4-alpine", ports: [80], users: ["www-data"] },
  caddy: { tag: "2", ports: [80, 443] },
  traefik: { tag: "v3.5", ports: [80, 443] },
  haproxy: { tag: "3.2", ports: [80], users: ["haproxy"] },
  memcached: { tag: "1.6", ports: [11211], users: ["memcache"] },
  tomcat: { tag: "11", ports: [8080] },
  maven: { tag: "3-eclipse-temurin-25" },
  gradle: { tag: "9-jdk25", users: ["gradle"] },
  composer: { tag: "2" },
  fedora: { tag: "43" },
  busybox: { tag: "1.37" },
  scratch: { tag: "" },
};

/** Well-known images of other registries. */
export const otherImages: readonly string[] = [
  "gcr.io/distroless/static-debian12:nonroot",
  "gcr.io/distroless/base-debian12:nonroot",
  "gcr.io/distroless/cc-debian12:nonroot",
  "gcr.io/distroless/nodejs22-debian12:nonroot",
  "gcr.io/distroless/python3-debian12:nonroot",
  "gcr.io/distroless/java21-debian12:nonroot",
  "mcr.microsoft.com/dotnet/sdk:10.0",
  "mcr.microsoft.com/dotnet/aspnet:10.0",
  "mcr.microsoft.com/dotnet/runtime:10.0",
  "ghcr.io/astral-sh/uv:latest",
  "nginxinc/nginx-unprivileged:1.29-alpine",
  "oven/bun:1",
  "denoland/deno:2",
  "registry.access.redhat.com/ubi9/ubi-minimal",
  "public.ecr.aws/docker/library/node:24-slim",
];

/** What is known of the image that a stage is built from. */
export function knownImage({ registry, repository = "" }: BaseView): KnownImage | undefined {
  if (registry === "mcr.microsoft.com" && repository.startsWith("dotnet/aspnet")) {
    return { tag: "10.0", ports: [8080], users: ["$APP_UID"] };
  }
  if (registry === "gcr.io" && repository.startsWith("distroless/")) return { tag: "nonroot", users: ["nonroot"] };
  if (repository === "nginxinc/nginx-unprivileged") return { tag: "1.29-alpine", ports: [8080], users: ["nginx"] };
  if (registry !== undefined && registry !== "docker.io") return undefined;
  const name = repository.replace(/^library\//, "");
  return Object.hasOwn(knownImages, name) ? knownImages[name] : undefined;
}

/** Which package manager the image brings; undefined when it cannot be told. */
export function systemOf({ kind, repository = "", tag = "" }: BaseView): "apt" | "apk" | "dnf" | undefined {
  if (kind !== "image") return undefined;
  const name = repository.split("/").at(-1) ?? "";
  if (name === "alpine" || /alpine/.test(tag)) return "apk";
  if (/^(?:fedora|almalinux|rockylinux|amazonlinux|oraclelinux|centos|ubi)/.test(name)) return "dnf";
  return name === "debian" || name === "ubuntu" || Object.hasOwn(knownImages, name) ? "apt" : undefined;
}
