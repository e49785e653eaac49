import { type Message, msg } from "../base/message.ts";
import { isRecord } from "../oci/documents.ts";
import {
  defaultConfigFile,
  helperFor,
  isHelperName,
  keysFor,
  readConfig,
  runHelper,
  serverName,
  unreadable,
} from "./docker-config.ts";
import type { Credentials } from "./types.ts";

export interface CredentialsOptions {
  /** Absolute path of docker's config.json; default DOCKER_CONFIG's or ~/.docker's. */
  readonly configFile?: string;
  readonly signal?: AbortSignal;
  /** A login that is stored but cannot be used. Never holds a secret. */
  readonly onProblem?: (problem: Message) => void;
}

/**
 * The login for a registry (`docker.io`, `ghcr.io`, `localhost:5000`) as `docker login` stored it: credential helper of
 * the host, then the credentials store, then the file itself. What cannot be read is told and counts as no login,
 * because most images are public.
 */
export async function credentialsFor(
  registryHost: string,
  { configFile = defaultConfigFile(), signal, onProblem = () => undefined }: CredentialsOptions = {},
): Promise<Credentials | undefined> {
  const config = await readConfig(configFile);
  if (!config) onProblem(unreadable(configFile));
  const helper = config && helperFor(config, registryHost);
  if (helper) {
    const found = await askHelper(helper, serverName(registryHost), signal, onProblem);
    if (found) return found;
  }
  const auths = isRecord(config?.auths) ? config.auths : {};
  const [key] = keysFor(auths, registryHost);
  return key === undefined ? undefined : decode(auths[key]);
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

async function askHelper(
  name: string,
  server: string,
  signal: AbortSignal | undefined,
  onProblem: (problem: Message) => void,
): Promise<Credentials | undefined> {
  const program = `docker-credential-${name}`;
  if (!isHelperName(name)) {
    onProblem(msg("{name} is not the name of a credential helper", { name }));
    return undefined;
  }
  const { output, failed } = await runHelper(name, "get", server, signal);
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
