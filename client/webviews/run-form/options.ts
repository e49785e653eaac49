import type { ContainerCreateOptions } from "dockerode";
import { type Message, msg } from "../../../engine/base/message.ts";
import { tryParseReference } from "../../../engine/oci/reference.ts";
import { type PublishedPort, parsePorts, portOptions } from "../../ui/ports.ts";
import { soundsSecret } from "../../ui/secret-name.ts";
import { quoteWord, splitWords } from "../../ui/shell-words.ts";

/** What the form asks, as it was typed; empty is "what the image says". Plain data: it is remembered, and travels to the page and back. */
export interface RunOptions {
  readonly image: string;
  readonly name: string;
  readonly ports: readonly { readonly host: string; readonly container: string }[];
  readonly volumes: readonly { readonly source: string; readonly target: string; readonly readOnly: boolean }[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly envFile: string;
  readonly command: string;
  readonly entrypoint: string;
  readonly network: string;
  readonly restart: string;
  readonly user: string;
  readonly workdir: string;
  readonly memory: string;
  readonly remove: boolean;
  readonly interactive: boolean;
  readonly init: boolean;
}

export const noOptions: RunOptions = {
  image: "",
  name: "",
  ports: [],
  volumes: [],
  env: [],
  envFile: "",
  command: "",
  entrypoint: "",
  network: "",
  restart: "",
  user: "",
  workdir: "",
  memory: "",
  remove: false,
  interactive: false,
  init: false,
};

/** Of one field: `name`, or `ports.0` for a row of a list. */
export interface FieldProblem {
  readonly field: string;
  readonly message: Message;
  /** What would do instead: a button offers it. */
  readonly instead?: string;
}

export const restartPolicies = ["no", "on-failure", "unless-stopped", "always"] as const;

/** Docker refuses less: nothing would start. */
const leastMemoryBytes = 6 * 1024 * 1024;

/** All that can be seen without asking an engine. */
export function problemsOf(options: RunOptions): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const wrong = (field: string, message: Message) => problems.push({ field, message });
  const { image, name, ports, volumes, env, command, entrypoint, memory, workdir, restart, remove } = options;
  if (image.trim() === "") wrong("image", msg("Which image shall be run?"));
  else if (!isImage(image.trim())) {
    wrong("image", msg("An image name is lower case, like node:24 or ghcr.io/owner/app:1.0."));
  }
  if (name !== "" && !/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) {
    wrong("name", msg("Letters, digits, - _ and . only, at least two."));
  }
  const hosts = new Set<string>();
  for (const [index, row] of ports.entries()) {
    if (row.container.trim() === "" && row.host.trim() !== "") {
      wrong(`ports.${index}`, msg("Which port of the container?"));
      continue;
    }
    const parsed = parsePorts(portText(row));
    if ("problem" in parsed) wrong(`ports.${index}`, parsed.problem);
    const [port] = "ports" in parsed ? parsed.ports : [];
    if (!port?.hostPort) continue;
    const key = `${port.hostIp}:${port.hostPort}/${port.protocol}`;
    if (hosts.has(key)) wrong(`ports.${index}`, msg("Host port {port} is there twice.", { port: port.hostPort }));
    hosts.add(key);
  }
  volumes.forEach(({ source, target }, index) => {
    if (source === "" && target === "") return;
    if (!target.startsWith("/")) wrong(`volumes.${index}`, msg("The path in the container begins with /."));
  });
  env.forEach(({ name: variable, value }, index) => {
    if (variable === "" && value === "") return;
    if (variable === "" || /[=\s]/.test(variable)) {
      wrong(`env.${index}`, msg("A variable needs a name without = and blanks."));
    }
  });
  for (const field of ["command", "entrypoint"] as const) {
    if (!splitWords(options[field])) wrong(field, msg("A quote is not closed."));
  }
  if (!splitWords(command) || !splitWords(entrypoint)) return problems;
  if (memory !== "") {
    const bytes = parseBytes(memory);
    if (bytes === undefined) wrong("memory", msg("Write a size, like 512m or 2g."));
    else if (bytes < leastMemoryBytes) wrong("memory", msg("Less than 6m is too little for any program."));
  }
  if (workdir !== "" && !workdir.startsWith("/")) wrong("workdir", msg("The path in the container begins with /."));
  if (remove && restart !== "" && restart !== "no") {
    wrong("restart", msg("A container that is removed when it ends cannot be started again."));
  }
  return problems;
}

/** What is asked of the engine. `fileEnv`: of the env file; what was typed wins over it. */
export function createOptions(options: RunOptions, fileEnv: readonly string[] = []): ContainerCreateOptions {
  const { interactive, memory, user, workdir, network, restart } = options;
  const { ExposedPorts, PortBindings } = portOptions(publishedOf(options));
  const entrypoint = splitWords(options.entrypoint) ?? [];
  const command = splitWords(options.command) ?? [];
  // Of --entrypoint docker takes one word; the others are the first of the command.
  const [program, ...first] = entrypoint;
  const words = [...first, ...command];
  const [policy = "", most] = restart.split(":");
  return {
    Image: options.image.trim(),
    ...(options.name ? { name: options.name } : {}),
    Env: [...fileEnv, ...envOf(options)],
    ExposedPorts,
    ...(program === undefined ? {} : { Entrypoint: [program] }),
    ...(words.length > 0 ? { Cmd: words } : {}),
    ...(user ? { User: user } : {}),
    ...(workdir ? { WorkingDir: workdir } : {}),
    ...(interactive ? { Tty: true, OpenStdin: true } : {}),
    HostConfig: {
      PortBindings,
      Binds: bindsOf(options),
      ...(options.remove ? { AutoRemove: true } : {}),
      ...(options.init ? { Init: true } : {}),
      ...(network ? { NetworkMode: network } : {}),
      ...(policy && policy !== "no"
        ? { RestartPolicy: { Name: policy, ...(most ? { MaximumRetryCount: Number(most) } : {}) } }
        : {}),
      ...(memory ? { Memory: parseBytes(memory) ?? 0 } : {}),
    },
  };
}

/** `docker run …` that does the same. */
export function runCommand(options: RunOptions): string {
  const args = ["docker", "run", options.interactive ? "-it" : "-d"];
  const flag = (name: string, ...values: readonly string[]) => {
    for (const value of values) if (value !== "") args.push(name, quoteWord(value));
  };
  if (options.remove) args.push("--rm");
  flag("--name", options.name);
  flag("-p", ...publishedTexts(options));
  flag("-v", ...bindsOf(options));
  flag("--env-file", options.envFile);
  flag("-e", ...envOf(options));
  flag("--network", options.network);
  flag("--restart", options.restart === "no" ? "" : options.restart);
  if (options.init) args.push("--init");
  flag("--memory", options.memory);
  flag("--user", options.user);
  flag("--workdir", options.workdir);
  const [program, ...first] = splitWords(options.entrypoint) ?? [];
  flag("--entrypoint", program ?? "");
  const words = [...first, ...(splitWords(options.command) ?? [])];
  return [...args, quoteWord(options.image.trim()), ...words.map(quoteWord)].join(" ");
}

/** The ports that are published, as the engine wants them; rows that say nothing are left out. */
export function publishedOf(options: RunOptions): PublishedPort[] {
  const parsed = parsePorts(publishedTexts(options).join(","));
  return "ports" in parsed ? parsed.ports : [];
}

/** `NAME=value` lines of a file, as docker reads it; a name alone takes the value from `env`. */
export function parseEnvFile(text: string, env: Readonly<Record<string, string | undefined>>): string[] {
  return text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .map((line) => line.trimStart())
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .flatMap((line) => {
      if (line.includes("=")) return [line];
      const value = env[line.trim()];
      return value === undefined ? [] : [`${line.trim()}=${value}`];
    });
}

/** What may be kept: values of variables that look like secrets are not. */
export function toRemember(options: RunOptions): RunOptions {
  return {
    ...options,
    name: "",
    env: options.env.map(({ name, value }) => ({ name, value: soundsSecret(name) ? "" : value })),
  };
}

/** `512m` → bytes. */
export function parseBytes(text: string): number | undefined {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)\s*([bkmgt]?)(?:i?b)?$/i.exec(text.trim()) ?? [];
  if (number === undefined) return undefined;
  return Math.round(Number(number) * 1024 ** Math.max(0, "bkmgt".indexOf(unit.toLowerCase())));
}

const portText = ({ host, container }: RunOptions["ports"][number]) => {
  const [to, from] = [container.trim(), host.trim()];
  return to === "" ? "" : `${from ? `${from}:` : ""}${to}`;
};

const publishedTexts = ({ ports }: RunOptions) => ports.map(portText).filter((text) => text !== "");

const envOf = ({ env }: RunOptions) => env.flatMap(({ name, value }) => (name === "" ? [] : [`${name}=${value}`]));

/** `-v`: without a source the engine makes a volume of its own. */
const bindsOf = ({ volumes }: RunOptions) =>
  volumes
    .filter(({ target }) => target !== "")
    .map(({ source, target, readOnly }) => (source ? `${source}:${target}${readOnly ? ":ro" : ""}` : target));

const isImage = (text: string) => /^(?:sha256:)?[0-9a-f]{12,64}$/.test(text) || tryParseReference(text) !== undefined;
