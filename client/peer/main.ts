import { execFile } from "node:child_process";
import { text } from "node:stream/consumers";
import { parse } from "../../engine/analysis.ts";
import type { BuildEvent, BuildRequest } from "../../engine/base/build-events.ts";
import { EngineError, type ErrorBody } from "../../engine/base/errors.ts";
import { credentialsFor } from "../../engine/registry/credentials.ts";
import { type Address, formatAddress } from "../engines/address.ts";
import { readAll, send, toEngineError } from "../engines/http.ts";
import { openTransport } from "../engines/transport.ts";
import { buildByApi } from "./api-build.ts";
import { buildByBuildx } from "./buildx.ts";
import { bodyOf } from "./errors.ts";
import { askRegistry, type RegistryAnswer, type RegistryQuestion } from "./registries.ts";

/** What is asked of this program, as JSON on its standard input. */
export type PeerOrder =
  | {
      readonly kind: "build";
      readonly address: Address;
      readonly engine: "docker" | "podman";
      readonly engineName: string;
      /** Of docker, when the engine is one of its contexts. */
      readonly context?: string;
      readonly builder?: string;
      readonly request: BuildRequest;
    }
  /** The stored login for a registry; `null` when there is none. */
  | { readonly kind: "credentials"; readonly registry: string }
  | {
      readonly kind: "registry";
      readonly question: RegistryQuestion;
      /** Registries that may be spoken to without TLS. */
      readonly insecureRegistries: readonly string[];
    };

/** What it answers, one JSON value a line on its standard output. */
export type PeerAnswer =
  | { readonly event: BuildEvent }
  | { readonly error: ErrorBody }
  | { readonly credentials: object | null }
  | { readonly registry: RegistryAnswer };

/**
 * What an extension host should not do itself: read a whole build context for another engine, run credential helpers, talk to registries. A
 * program of its own, one run an order; it ends with the work, or when it is told to.
 */
async function run(): Promise<void> {
  const order = JSON.parse(await text(process.stdin)) as PeerOrder;
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => stop.abort());
  try {
    if (order.kind === "credentials") {
      answer({ credentials: (await authOf(order.registry)) ?? null });
      return;
    }
    if (order.kind === "registry") {
      answer({ registry: await askRegistry(order.question, order.insecureRegistries, stop.signal) });
      return;
    }
    for await (const event of build(order, stop.signal)) answer({ event });
  } catch (error) {
    if (!stop.signal.aborted)
      answer({ error: bodyOf((error instanceof EngineError ? error : toEngineError(error)).details) });
    process.exitCode = 1;
  }
}

async function* build(
  { address, engine, engineName, context, builder, request }: Extract<PeerOrder, { readonly kind: "build" }>,
  signal: AbortSignal,
): AsyncGenerator<BuildEvent, void, void> {
  if (engine === "docker" && (await hasBuildx())) {
    const env = context === undefined ? dockerHost(address) : { DOCKER_CONTEXT: context, DOCKER_HOST: "" };
    yield* buildByBuildx(request, { program: "docker", env, ...(builder === undefined ? {} : { builder }) }, signal);
    return;
  }
  const transport = openTransport(address);
  try {
    const buildKit = engine === "docker" && (await usesBuildKit(transport));
    yield* buildByApi(transport, request, { buildKit, engineName, logins: loginsFor }, signal);
  } finally {
    transport.close();
  }
}

function dockerHost(address: Address): Record<string, string> {
  const tls = address.kind === "tcp" ? address.tls : undefined;
  return {
    DOCKER_HOST: formatAddress(address),
    DOCKER_CONTEXT: "",
    ...(tls ? { DOCKER_TLS_VERIFY: tls.skipVerify ? "" : "1" } : {}),
  };
}

function hasBuildx(): Promise<boolean> {
  return new Promise((resolve) => {
    execFile("docker", ["buildx", "version"], { timeout: 10_000 }, (error) => resolve(!error));
  });
}

/** Engine API: `Builder-Version: 2` means that BuildKit is the default; it answers to version=2 since 18.09. */
async function usesBuildKit(transport: ReturnType<typeof openTransport>): Promise<boolean> {
  const response = await send(transport, "GET", "/version");
  const { ApiVersion = "0", Components = [] } = JSON.parse(await readAll(response)) as {
    readonly ApiVersion?: string;
    readonly Components?: readonly { readonly Name?: string }[];
  };
  const [major = 0, minor = 0] = ApiVersion.split(".").map(Number);
  return !Components.some(({ Name }) => Name?.startsWith("Podman")) && (major > 1 || minor >= 39);
}

/** Of the registries that the Dockerfile's images come from. */
async function loginsFor(dockerfile: string): Promise<Record<string, object>> {
  const hosts = new Set(["docker.io"]);
  for (const { from } of parse(dockerfile).stages) {
    const [first = ""] = (from.words[0]?.text ?? "").split("/");
    if (/[.:]/.test(first)) hosts.add(first);
  }
  const logins: Record<string, object> = {};
  for (const host of hosts) {
    const login = await authOf(host);
    if (login) logins[host === "docker.io" ? "https://index.docker.io/v1/" : host] = login;
  }
  return logins;
}

/** As X-Registry-Auth has it. */
async function authOf(registry: string): Promise<object | undefined> {
  const login = await credentialsFor(registry);
  if (!login) return undefined;
  const { username, password, identityToken } = login;
  const serveraddress = registry === "docker.io" ? "https://index.docker.io/v1/" : registry;
  return identityToken ? { identitytoken: identityToken, serveraddress } : { username, password, serveraddress };
}

function answer(value: PeerAnswer): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

void run();
