import path from "node:path";
import type { BuildRequest, SecretSource } from "../../engine/base/build-events.ts";
import { readCsv, writeCsv } from "../../engine/base/csv.ts";
import { msg } from "../../engine/base/message.ts";
import { isSoundLimit } from "../../engine/base/resource-limit.ts";
import { parseSizeBytes } from "../../engine/base/size.ts";
import { UsageError } from "./command.ts";
import { text } from "./text.ts";

/** Of the flags about RUN steps those that decide whether a step is reused, for node:util's parser. */
export const keyFlags = {
  "add-host": { type: "string", multiple: true },
  network: { type: "string" },
  "shm-size": { type: "string" },
  ulimit: { type: "string", multiple: true },
  allow: { type: "string", multiple: true },
  "no-cache-filter": { type: "string", multiple: true },
} as const;

/** Flags of `docker buildx build` about RUN steps. */
export const runFlags = {
  ...keyFlags,
  secret: { type: "string", multiple: true },
  ssh: { type: "string", multiple: true },
  "cache-from": { type: "string", multiple: true },
  "cache-to": { type: "string", multiple: true },
} as const;

type Values = {
  readonly [K in keyof typeof runFlags]?: (typeof runFlags)[K] extends { multiple: true } ? string[] : string;
};

/** Lines of the usage of `drydock build`. */
export const runUsage = [
  "[--secret id=ID,src=FILE|env=NAME]… [--ssh default|ID=SOCKET]… [--add-host NAME:ADDRESS]…",
  "[--network none|host] [--shm-size SIZE] [--ulimit NAME=SOFT:HARD]…",
  "[--allow network.host|security.insecure]… [--no-cache-filter STAGE]…",
  "[--cache-from PLACE]… [--cache-to PLACE]…",
]
  .map((line) => `${" ".repeat("usage: drydock build ".length)}${line}`)
  .join("\n");

/** What the flags ask of the engine. @throws UsageError, which never has the value of a secret in it. */
export function runRequest(values: Values, env: NodeJS.ProcessEnv): Partial<BuildRequest> {
  const list = (name: "add-host" | "no-cache-filter" | "allow") =>
    (values[name] ?? []).flatMap((entry) => entry.split(","));
  const { network } = values;
  if (network !== undefined && !isNetwork(network)) throw usage(msg("--network is default, none or host"));
  const shmSizeBytes = values["shm-size"] === undefined ? undefined : parseSizeBytes(values["shm-size"]);
  if (values["shm-size"] !== undefined && !shmSizeBytes) throw usage(msg("--shm-size takes a size like 128m"));
  const stages = list("no-cache-filter").filter((stage) => stage !== "");
  return {
    ...(values.secret ? { secrets: Object.fromEntries(values.secret.map((entry) => secretOf(entry, env))) } : {}),
    ...(values.ssh ? { ssh: Object.fromEntries(values.ssh.map((entry) => agentOf(entry, env))) } : {}),
    ...(values["add-host"] ? { addHosts: values["add-host"].map(hostOf) } : {}),
    ...(network === undefined ? {} : { network }),
    ...(shmSizeBytes === undefined ? {} : { shmSizeBytes }),
    ...(values.ulimit ? { ulimits: values.ulimit.map(limitOf) } : {}),
    ...(values.allow ? { allow: list("allow").map(entitlementOf) } : {}),
    ...(stages.length > 0 ? { noCacheFilter: stages } : {}),
    ...(values["cache-from"] ? { cacheFrom: values["cache-from"].map(absolutePlace) } : {}),
    ...(values["cache-to"] ? { cacheTo: values["cache-to"].map(absolutePlace) } : {}),
  };
}

/** The engine has another folder: `src=` and `dest=` are those of this one. */
function absolutePlace(entry: string): string {
  const fields = entry.includes("=") ? readCsv(entry) : undefined;
  if (!fields) return entry;
  return writeCsv(
    fields.map((field) => field.replace(/^(src|dest)=(.*)$/s, (_, key, file) => `${key}=${path.resolve(file)}`)),
  );
}

/** `id=x,src=file`, `id=x,env=NAME`; with the id alone the variable of that name, else the file. */
function secretOf(entry: string, env: NodeJS.ProcessEnv): [string, SecretSource] {
  const fields = new Map(entry.split(",").map((field) => keyAndValue(field, "=")));
  for (const key of fields.keys()) {
    if (!["id", "src", "source", "env", "type"].includes(key)) throw usage(msg("--secret has no key {key}", { key }));
  }
  const file = fields.get("src") ?? fields.get("source");
  const type = fields.get("type") ?? "file";
  const variable = fields.get("env") ?? (type === "env" ? file : undefined);
  const id = fields.get("id") ?? "";
  if (id === "" || !["file", "env"].includes(type))
    throw usage(msg("--secret takes id=NAME,src=FILE or id=NAME,env=VARIABLE"));
  if (variable === undefined && file !== undefined) return [id, { kind: "file", path: path.resolve(file) }];
  const name = variable ?? id;
  const value = env[name];
  if (value !== undefined) return [id, { kind: "value", value: Buffer.from(value).toString("base64") }];
  if (variable !== undefined) throw usage(msg("--secret: there is no variable {name}", { name }));
  return [id, { kind: "file", path: path.resolve(id) }];
}

/** `default`, `id`, `id=socket`. */
function agentOf(entry: string, env: NodeJS.ProcessEnv): [string, string] {
  const [id, given] = keyAndValue(entry, "=");
  const socket = given === "" ? env.SSH_AUTH_SOCK : given;
  if (!socket) throw usage(msg("--ssh {id}: no agent runs (SSH_AUTH_SOCK is not set)", { id }));
  return [id || "default", path.resolve(socket)];
}

function hostOf(entry: string): string {
  if (!/^[^:=\s]+[:=]\S+$/.test(entry)) throw usage(msg("--add-host takes NAME:ADDRESS"));
  return entry;
}

/** `nofile=1024:2048`, `nofile=1024`. */
function limitOf(entry: string): { readonly name: string; readonly soft: number; readonly hard: number } {
  const [, name = "", soft = "", hard = soft] = /^(\w+)=(-?\d+)(?::(-?\d+))?$/.exec(entry) ?? [];
  if (name === "") throw usage(msg("--ulimit takes NAME=SOFT:HARD, like nofile=1024:2048"));
  const limit = { name, soft: Number(soft), hard: Number(hard) };
  if (!isSoundLimit(limit))
    throw usage(msg("--ulimit {limit}: the soft limit is above the hard one", { limit: entry }));
  return limit;
}

function entitlementOf(entry: string): "security.insecure" | "network.host" {
  if (entry !== "security.insecure" && entry !== "network.host")
    throw usage(msg("--allow takes network.host or security.insecure"));
  return entry;
}

function isNetwork(name: string): name is "default" | "none" | "host" {
  return name === "default" || name === "none" || name === "host";
}

/** `--build-arg NAME` without a value takes it from the environment, and is nothing when it is not there. */
export function buildArgs(given: readonly string[], env: NodeJS.ProcessEnv): Record<string, string> {
  const result: Record<string, string> = {};
  for (const argument of given) {
    const [name, value] = keyAndValue(argument, "=");
    const resolved = argument.includes("=") ? value : env[name];
    if (resolved !== undefined) result[name] = resolved;
  }
  return result;
}

/** `NAME=VALUE`; without a value it is empty. */
export function labels(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(given.map((label) => keyAndValue(label, "=")));
}

/** Docker's flags say `--pull=true` too; node:util's do not. What says no is as if it were not there. */
export function plainFlags(
  args: readonly string[],
  options: Readonly<Record<string, { readonly type: string }>>,
): string[] {
  const end = args.indexOf("--");
  return args.flatMap((argument, at) => {
    const [, name = "", value = ""] = /^--([\w-]+)=(true|t|1|false|f|0)$/i.exec(argument) ?? [];
    const isFlag = Object.hasOwn(options, name) && options[name]?.type === "boolean";
    if (!isFlag || (end >= 0 && at > end)) return [argument];
    return /^(?:true|t|1)$/i.test(value) ? [`--${name}`] : [];
  });
}

function keyAndValue(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

function usage(message: ReturnType<typeof msg>): UsageError {
  return new UsageError(text(message));
}
