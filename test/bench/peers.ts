// Builders to compare with, each started by the bench for itself: docker's daemon with BuildKit, and buildah.
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

export interface BuildOptions {
  readonly noCache?: boolean;
}

export interface Peer {
  readonly name: string;
  /** Of its API, if it has Docker's. */
  readonly socket?: string;
  /** Makes the base image present, so that no build waits for a registry. */
  prepare(base: string): Promise<void>;
  build(context: string, options?: BuildOptions): Promise<void>;
  /** Pulls and unpacks an image; absent when this builder is not compared in that. */
  pull?(image: string): Promise<void>;
  dispose(): Promise<void>;
}

/** Peers that this machine has; says of the others why they are not there. */
export async function startPeers(say: (line: string) => void): Promise<readonly Peer[]> {
  const peers: Peer[] = [];
  for (const start of [startDocker, startBuildah]) {
    const peer = await start();
    if (typeof peer === "string") say(`${peer}\n`);
    else peers.push(peer);
  }
  return peers;
}

/** Runs a program to its end. @throws with what it said when it fails. */
export function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (data) => {
      stdout += data;
    });
    child.stderr.on("data", (data) => {
      stderr += data;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(stdout);
      else
        reject(
          new Error(`${command} ${args.join(" ")} ended with ${code}:\n${stdout.slice(-2000)}${stderr.slice(-2000)}`),
        );
    });
  });
}

async function startDocker(): Promise<Peer | string> {
  if (process.getuid?.() !== 0) return "No comparison with docker build: starting a Docker daemon needs root.";
  const client = buildkitClient();
  if (!client || !existsOnPath("dockerd"))
    return "No comparison with docker build: install docker.io (a client with BuildKit, and dockerd).";
  const folder = mkdtempSync(path.join(tmpdir(), "drydock-bench-docker-"));
  const socket = `unix://${folder}/docker.sock`;
  const log = openSync(path.join(folder, "log"), "w");
  const roots = ["--data-root", `${folder}/data`, "--exec-root", `${folder}/exec`, "--pidfile", `${folder}/pid`];
  const network = ["--iptables=false", "--ip6tables=false", "--bridge=none"];
  const daemon = spawn("dockerd", [...roots, ...network, "--host", socket], { stdio: ["ignore", log, log] });
  const env = { DOCKER_HOST: socket, DOCKER_BUILDKIT: "1", DOCKER_CONFIG: folder };
  const answers = () =>
    spawnSync(client, ["version"], { env: { ...process.env, ...env }, stdio: "ignore" }).status === 0;
  for (let tries = 0; !answers(); tries++) {
    if (daemon.exitCode !== null || tries > 150) {
      await end(daemon);
      rmSync(folder, { recursive: true, force: true });
      return "No comparison with docker build: the Docker daemon does not start here.";
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const version = (await run(client, ["version", "--format", "{{.Server.Version}}"], env)).trim();
  return {
    name: `docker ${/^\d+\.\d+/.exec(version)?.[0] ?? version}`,
    socket: path.join(folder, "docker.sock"),
    prepare: async (base) => void (await run(client, ["pull", base], env)),
    build: async (context, { noCache = false } = {}) => {
      const flags = ["--network=host", ...(noCache ? ["--no-cache"] : [])];
      await run(client, ["build", "-q", ...flags, "-t", "bench", context], env);
    },
    pull: async (image) => void (await run(client, ["pull", "-q", image], env)),
    async dispose() {
      await end(daemon);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function startBuildah(): Promise<Peer | string> {
  if (process.getuid?.() !== 0) return "No comparison with buildah: here it is measured as root.";
  if (!existsOnPath("buildah")) return "No comparison with buildah: it is not installed.";
  const folder = mkdtempSync(path.join(tmpdir(), "drydock-bench-buildah-"));
  mkdirSync(path.join(folder, "run"));
  const where = ["--root", `${folder}/root`, "--runroot", `${folder}/run`, "--storage-driver", "overlay"];
  return {
    name: "buildah",
    prepare: async (base) => void (await run("buildah", [...where, "pull", "-q", "--tls-verify=false", base])),
    build: async (context, { noCache = false } = {}) => {
      const flags = ["--layers", "--network=host", "--isolation=chroot", ...(noCache ? ["--no-cache"] : [])];
      await run("buildah", [...where, "bud", "-q", ...flags, "-t", "bench", context]);
    },
    async dispose() {
      await run("buildah", [...where, "rm", "-a"]).catch(() => undefined);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The first docker on PATH that can build with BuildKit: a new client without its plugin buildx cannot. */
function buildkitClient(): string | undefined {
  const folders = (process.env.PATH ?? "").split(":");
  const clients = [...new Set(folders.map((folder) => path.join(folder, "docker")).filter((file) => existsSync(file)))];
  return clients.find((file) => {
    const version = /\b(\d+)\.\d+/.exec(execFileSync(file, ["--version"], { encoding: "utf8" }))?.[1];
    return Number(version) < 23 || spawnSync(file, ["buildx", "version"], { stdio: "ignore" }).status === 0;
  });
}

function existsOnPath(program: string): boolean {
  return (process.env.PATH ?? "").split(":").some((folder) => existsSync(path.join(folder, program)));
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
  });
}
