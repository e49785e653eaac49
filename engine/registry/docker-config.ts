import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, realpath, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { type Message, msg } from "../base/message.ts";
import { isRecord } from "../oci/documents.ts";
import { configNotSaved, configUnreadable, helperFailed } from "./errors.ts";
import type { Credentials, StoredLogin } from "./types.ts";

export type DockerConfig = Readonly<Record<string, unknown>>;

const helperTimeoutMs = 30_000;
const maxHelperOutput = 1024 * 1024;

export function defaultConfigFile(): string {
  return path.join(process.env.DOCKER_CONFIG || path.join(homedir(), ".docker"), "config.json");
}

/** `{}` when there is none; undefined when it cannot be read. Never its words: they may be a secret. */
export async function readConfig(file: string): Promise<DockerConfig | undefined> {
  try {
    const config: unknown = JSON.parse(await readFile(file, "utf8"));
    return isRecord(config) ? config : undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? {} : undefined;
  }
}

/** The name under which docker keeps the login of a registry. */
export function serverName(registryHost: string): string {
  return isDockerHub(registryHost) ? "https://index.docker.io/v1/" : registryHost;
}

/** Keys are host names, or URLs of which only the host counts. */
export function keysFor(byServer: DockerConfig, registryHost: string): readonly string[] {
  return Object.keys(byServer).filter((server) => {
    const host = server.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
    return host === registryHost || (isDockerHub(host) && isDockerHub(registryHost));
  });
}

export function helperFor(config: DockerConfig, registryHost: string): string | undefined {
  const helpers = isRecord(config.credHelpers) ? config.credHelpers : {};
  const [key] = keysFor(helpers, registryHost);
  const helper = key === undefined ? config.credsStore : helpers[key];
  return typeof helper === "string" && helper !== "" ? helper : undefined;
}

/** Keeps a login as `docker login` does: with the helper that is configured, else in the file. */
export async function storeLogin(
  file: string,
  registryHost: string,
  { username, password, identityToken }: Credentials,
  signal?: AbortSignal,
): Promise<StoredLogin> {
  const config = await readConfig(file);
  if (!config) throw configUnreadable(file);
  const server = serverName(registryHost);
  const helper = helperFor(config, registryHost);
  if (helper) {
    const entry = identityToken
      ? { ServerURL: server, Username: "<token>", Secret: identityToken }
      : { ServerURL: server, Username: username, Secret: password };
    const { failed } = await runHelper(helper, "store", JSON.stringify(entry), signal);
    if (failed) throw helperFailed(`docker-credential-${helper}`, failed);
    // Docker leaves an empty entry, by which it knows that there is a login; an older password goes.
    await change(file, (auths) => ({ ...without(auths, registryHost), [server]: {} }));
    return { place: helper, byHelper: true };
  }
  const auth = Buffer.from(`${username}:${identityToken ? "" : password}`).toString("base64");
  const entry = { auth, ...(identityToken ? { identitytoken: identityToken } : {}) };
  await change(file, (auths) => ({ ...without(auths, registryHost), [server]: entry }));
  return { place: file, byHelper: false };
}

/** False when nothing was kept. */
export async function eraseLogin(file: string, registryHost: string, signal?: AbortSignal): Promise<boolean> {
  const config = await readConfig(file);
  if (!config) throw configUnreadable(file);
  const helper = helperFor(config, registryHost);
  let erased = false;
  if (helper) {
    const server = serverName(registryHost);
    const { failed, output } = await runHelper(helper, "erase", server, signal);
    if (failed && !/not found/i.test(output)) throw helperFailed(`docker-credential-${helper}`, failed);
    erased = !failed;
  }
  const auths = isRecord(config.auths) ? config.auths : {};
  if (keysFor(auths, registryHost).length === 0) return erased;
  await change(file, (known) => without(known, registryHost));
  return true;
}

function without(auths: DockerConfig, registryHost: string): DockerConfig {
  const gone = keysFor(auths, registryHost);
  return Object.fromEntries(Object.entries(auths).filter(([server]) => !gone.includes(server)));
}

/** Rewrites `auths` and nothing else: aside, for nobody else's eyes, in one step; a symlink stays one. */
async function change(file: string, edit: (auths: DockerConfig) => DockerConfig): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    const target = await realpath(file).catch(() => file);
    // Read again: a helper may have taken its time, and others write this file too.
    const config = await readConfig(target);
    if (!config) throw configUnreadable(file);
    const auths = edit(isRecord(config.auths) ? config.auths : {});
    const text = `${JSON.stringify({ ...config, auths }, undefined, "\t")}\n`;
    const aside = `${target}.${randomBytes(6).toString("hex")}`;
    try {
      const handle = await open(aside, "wx", 0o600);
      try {
        await handle.writeFile(text);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(aside, target);
    } catch (error) {
      await rm(aside, { force: true });
      throw error;
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code !== undefined && (error as NodeJS.ErrnoException).syscall ? configNotSaved(file, code, error) : error;
  }
}

export function isHelperName(name: string): boolean {
  return /^[\w.-]+$/.test(name);
}

/** The protocol of docker-credential-helpers: what is asked on stdin, a JSON object or a complaint on stdout. */
export function runHelper(
  name: string,
  action: "get" | "store" | "erase",
  input: string,
  signal?: AbortSignal,
): Promise<{ readonly output: string; readonly failed?: string }> {
  if (!isHelperName(name)) return Promise.resolve({ output: "", failed: "EINVAL" });
  return new Promise((resolve) => {
    const child = spawn(`docker-credential-${name}`, [action], {
      stdio: ["pipe", "pipe", "ignore"],
      timeout: helperTimeoutMs,
      killSignal: "SIGKILL",
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

export function unreadable(file: string): Message {
  return msg("{file} cannot be read", { file });
}

function isDockerHub(host: string): boolean {
  return host === "docker.io" || host === "index.docker.io" || host === "registry-1.docker.io";
}
