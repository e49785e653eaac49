import path from "node:path";
import type { BuildRequest, SecretSource } from "../base/build-events.ts";
import { isSoundLimit } from "../base/resource-limit.ts";
import { type Call, text } from "./call.ts";
import { badUlimit } from "./create-errors.ts";
import { badField, badParameter, notOffered } from "./errors.ts";
import { type Fields, fieldsOf } from "./fields.ts";

type Sandbox = Pick<BuildRequest, "addHosts" | "network" | "shmSizeBytes" | "ulimits">;
type Options = Sandbox & Pick<BuildRequest, "noCacheFilter" | "secrets" | "ssh" | "allow">;

/** What `POST /build` says of the sandbox of RUN steps, as docker sends it. */
export function sandboxOfQuery(call: Call): Sandbox {
  const addHosts = call.query.getAll("extrahosts").filter((entry) => entry !== "");
  const shmSize = text(call, "shmsize") ?? "0";
  if (!/^\d+$/.test(shmSize)) throw badParameter("shmsize", shmSize);
  return compact({
    addHosts: addHosts.length === 0 ? undefined : addHosts,
    network: networkOf(text(call, "networkmode") ?? ""),
    shmSizeBytes: Number(shmSize) || undefined,
    ulimits: ulimitsOfQuery(text(call, "ulimits")),
  });
}

/** The same and more in the body of `POST /drydock/build`. */
export function runOptions(fields: Fields): Options {
  const network = fields.text("network");
  if (network !== undefined && !isNetwork(network)) throw badField("network", "default, none or host");
  const allow = fields.list("allow");
  if (allow?.every(isEntitlement) === false) throw badField("allow", "a list of security.insecure and network.host");
  const shmSizeBytes = fields.integer("shmSizeBytes");
  if (shmSizeBytes !== undefined && shmSizeBytes <= 0) throw badField("shmSizeBytes", "a size above 0");
  return compact({
    noCacheFilter: fields.list("noCacheFilter"),
    secrets: secretsOf(fields),
    ssh: sshOf(fields),
    addHosts: fields.list("addHosts"),
    network: network as Sandbox["network"],
    shmSizeBytes,
    ulimits: fields.raw("ulimits") === undefined ? undefined : fields.objects("ulimits").map((limit) => limitOf(limit)),
    allow: allow?.filter(isEntitlement),
  });
}

/** Docker's other networks are those of a daemon with bridges; a RUN step here has the host's, or none. */
function networkOf(mode: string): Sandbox["network"] {
  if (mode === "" || mode === "bridge" || mode === "default") return undefined;
  if (!isNetwork(mode)) throw notOffered(`the network ${mode} for RUN`);
  return mode;
}

function ulimitsOfQuery(json: string | undefined): Sandbox["ulimits"] {
  if (json === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw badParameter("ulimits", json);
  }
  const limits = fieldsOf({ ulimits: value }).objects("ulimits");
  return limits.length === 0 ? undefined : limits.map((limit) => limitOf(limit, ["Name", "Soft", "Hard"]));
}

function limitOf(
  fields: Fields,
  [name, soft, hard] = ["name", "soft", "hard"],
): NonNullable<Sandbox["ulimits"]>[number] {
  const found = { name: fields.text(name ?? ""), soft: fields.integer(soft ?? ""), hard: fields.integer(hard ?? "") };
  if (!found.name || found.soft === undefined) throw badField("ulimits", "a list of limits with name, soft and hard");
  const limit = { name: found.name, soft: found.soft, hard: found.hard ?? found.soft };
  if (!isSoundLimit(limit)) throw badUlimit(`${limit.name}=${limit.soft}:${limit.hard}`);
  return limit;
}

/** What is wrong with a secret is said without a word of it. */
function secretsOf(fields: Fields): Options["secrets"] {
  if (fields.raw("secrets") === undefined) return undefined;
  const secrets = fields.object("secrets");
  return Object.fromEntries(
    secrets.keys().map((id): [string, SecretSource] => {
      const secret = secrets.object(id);
      const [kind, file, value] = [secret.text("kind"), secret.text("path"), secret.text("value")];
      if (kind === "value" && value !== undefined) return [id, { kind, value }];
      if (kind === "file" && file !== undefined && path.isAbsolute(file)) return [id, { kind, path: file }];
      throw badField(`secrets.${id}`, "a file with an absolute path, or a value in base64");
    }),
  );
}

function sshOf(fields: Fields): Options["ssh"] {
  const ssh = fields.record("ssh");
  for (const [id, socket] of Object.entries(ssh ?? {})) {
    if (!path.isAbsolute(socket)) throw badField(`ssh.${id}`, "the absolute path of a socket");
  }
  return ssh;
}

function isNetwork(text: string): text is NonNullable<Sandbox["network"]> {
  return text === "default" || text === "none" || text === "host";
}

function isEntitlement(text: string): text is NonNullable<Options["allow"]>[number] {
  return text === "security.insecure" || text === "network.host";
}

/** Without the fields that are undefined. */
function compact<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
