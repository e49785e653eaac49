import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { type Message, msg } from "../base/message.ts";
import { isRecord } from "../oci/documents.ts";
import type { Credentials } from "./types.ts";

export interface CredentialsOptions {
  /** Absolute path of docker's config.json; default DOCKER_CONFIG's or ~/.docker's. */
  readonly configFile?: string;
  readonly signal?: AbortSignal;
  /** A login that is stored but cannot be used. Never holds a secret. */
  readonly onProblem?: (problem: Message) => void;
}

const helperTimeoutMs = 30_000;
const maxHelperOutput = 1024 * 1024;

/**
 * The login for a registry (`docker.io`, `ghcr.io`, `localhost:5000`) as `docker login` stored it: credential helper of
 * the host, then the credentials store, then the file itself. What cannot be read is told and counts as no login,
 * because most images are public.
 */
export async function credentialsFor(
  registryHost: string,
  { configFile = defaultConfigFile(), signal, onProblem = () => undefined }: CredentialsOptions = {},
): Promise<Credentials | undefined> {
  const config = await readConfig(configFile, onProblem);
  const server = isDockerHub(registryHost) ? "https://index.docker.io/v1/" : registryHost;
  const helpers = isRecord(config.credHelpers) ? config.credHelpers : {};
  const helper = lookUp(helpers, registryHost) ?? config.credsStore;
  if (typeof helper === "string" && helper !== "") {
    const found = await askHelper(helper, server, signal, onProblem);
    if (found) return found;
  }
  return isRecord(config.auths) ? decode(lookUp(config.auths, registryHost)) : undefined;
}

function defaultConfigFile(): string {
  return path.join(process.env.DOCKER_CONFIG || path.join(homedir(), ".docker"), "config.json");
}

async function readConfig(
  file: string,
  onProblem: (problem: Message) => void,
): Promise<Readonly<Record<string, unknown>>> {
  try {
    const config: unknown = JSON.parse(await readFile(file, "utf8"));
    if (isRecord(config)) return config;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    // The parser's own words may quote a secret.
  }
  onProblem(msg("{file} cannot be read", { file }));
  return {};
}

/** Keys are host names, or URLs of which only the host counts. */
function lookUp(byServer: Readonly<Record<string, unknown>>, registryHost: string): unknown {
  const key = Object.keys(byServer).find((server) => {
    const host = server.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
    return host === registryHost || (isDockerHub(host) && isDockerHub(registryHost));
  });
  return key === undefined ? undefined : byServer[key];
}

function isDockerHub(host: string): boolean {
  return host === "docker.io" || host === "index.docker.io" || host === "registry-1.docker.io";
}

function decode(entry: unknown): Credentials | undefined {
  if (!isRecord(entry)) return undefined;
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  const pair = Buffer.from(text(entry.auth), "base64").toString("utf8");
  const colon = pair.indexOf(":");
  // Docker pads stored passwords with NULs.
  const username = colon > 0 ? pair.slice(0, colon) : text(entry.username);
  const password = colon > 0 ? pair.slice(colon + 1).replace(/\0+$/, "") : text(entry.password);
  const identityToken = text(entry.identitytoken);
  if (!username && !identityToken) return undefined;
  return { username, password, ...(identityToken ? { identityToken } : {}) };
}

/** The protocol of docker-credential-helpers: the server on stdin, a JSON object or a complaint on stdout. */
async function askHelper(
  name: string,
  server: string,
  signal: AbortSignal | undefined,
  onProblem: (problem: Message) => void,
): Promise<Credentials | undefined> {
  const program = `docker-credential-${name}`;
  if (!/^[\w.-]+$/.test(name)) {
    onProblem(msg("{name} is not the name of a credential helper", { name }));
    return undefined;
  }
  const { output, failed } = await run(program, server, signal);
  if (failed) {
    // "credentials not found in native keychain" is the helper's way to say: no login here.
    if (!/not found/i.test(output) || failed === "ENOENT") {
      onProblem(msg("the credential helper {program} failed ({reason})", { program, reason: failed }));
    }
    return undefined;
  }
  try {
    const answer: unknown = JSON.parse(output);
    if (isRecord(answer) && typeof answer.Username === "string" && typeof answer.Secret === "string") {
      const { Username: username, Secret: secret } = answer;
      if (!secret) return undefined;
      return username === "<token>"
        ? { username: "", password: "", identityToken: secret }
        : { username, password: secret };
    }
  } catch {
    // The parser's own words may quote a secret.
  }
  onProblem(msg("the credential helper {program} failed ({reason})", { program, reason: "no JSON" }));
  return undefined;
}

function run(
  program: string,
  input: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly output: string; readonly failed?: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, ["get"], {
      stdio: ["pipe", "pipe", "ignore"],
      timeout: helperTimeoutMs,
      ...(signal ? { signal } : {}),
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.length > maxHelperOutput) child.kill("SIGKILL");
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(`${input}\n`);
    child.on("error", (error: NodeJS.ErrnoException) => resolve({ output, failed: error.code ?? error.name }));
    child.on("close", (code, killedBy) =>
      resolve(code === 0 ? { output } : { output, failed: killedBy ?? `exit ${code}` }),
    );
  });
}
