// Who answers: our engine, or a real dockerd, each behind the same client.
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { busyboxImage } from "../../support/base-images.ts";
import { logOf, type Output, openEngineLab, outputOf, root, type User } from "../../support/docker-lab.ts";
import { freePort } from "../../support/free-port.ts";
import { startRegistry } from "../../support/registry.ts";
import { unmountAll } from "../../support/unmount.ts";
import { normalAnswer } from "./normal.ts";
import type { Answer, Session } from "./session.ts";

export interface Peer {
  readonly name: string;
  /** From nothing but `busybox`; what it leaves is removed. */
  answers(session: Session): Promise<Answer[]>;
  dispose(): Promise<void>;
}

export interface Surroundings {
  /** For commands: `$REGISTRY`, `$PRIVATE` (me, secret), `$PORT` (free). */
  readonly env: Readonly<Record<string, string>>;
  readonly names: Readonly<Record<string, string>>;
  readonly mirror: string;
  dispose(): Promise<void>;
}

export async function openSurroundings(): Promise<Surroundings> {
  const registry = await startRegistry();
  const closed = await startRegistry({ login: { username: "me", password: "secret" } });
  await registry.push("library/busybox:latest", await busyboxImage());
  const port = String(await freePort());
  return {
    env: { REGISTRY: registry.host, PRIVATE: closed.host, PORT: port },
    names: { REGISTRY: registry.host, PRIVATE: closed.host, PORT: port },
    mirror: registry.url,
    async dispose() {
      await registry.stop();
      await closed.stop();
    },
  };
}

/** A command line as a person types it, in a folder of its own. */
type Shell = (line: string, cwd: string) => Promise<Output>;

/** What waits for ever is an answer, too: 124. */
const limited = (line: string): [string, string[]] => ["timeout", ["--kill-after=5", "60", "sh", "-c", line]];

const cleaning = [
  "docker ps -aq | xargs -r docker unpause",
  "docker ps -aq | xargs -r docker rm -f -v",
  "docker volume ls -q | xargs -r docker volume rm",
  "docker network ls -q --filter type=custom | xargs -r docker network rm",
  "docker images -aq | sort -u | xargs -r docker rmi -f",
  "docker builder prune -af",
  "docker pull -q busybox",
];

async function answersOf(session: Session, shell: Shell, names: Surroundings["names"]): Promise<Answer[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "drydock-cli-"));
  chmodSync(folder, 0o777);
  try {
    for (const line of cleaning) await shell(`${line} >/dev/null 2>&1`, folder);
    const answers: Answer[] = [];
    for (const { line } of session.steps) {
      answers.push(normalAnswer(await shell(line, folder), { FOLDER: folder, ...names }));
    }
    return answers;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function openOurs(dist: string, surroundings: Surroundings, user: User = root): Promise<Peer> {
  const lab = await openEngineLab(user, { dist, settings: { registryMirrors: [surroundings.mirror] } });
  const { code, stderr } = await lab.launch();
  if (code !== 0) throw new Error(stderr + logOf(lab.home));
  return {
    name: "ours",
    answers: (session) =>
      answersOf(session, (line, cwd) => lab.run(...limited(line), { cwd, env: surroundings.env }), surroundings.names),
    dispose: () => lab.dispose(),
  };
}

/** For root: with a bridge of its own, so that it is in nobody's way. */
export async function openDockerd(surroundings: Surroundings): Promise<Peer> {
  const folder = mkdtempSync(path.join(tmpdir(), "drydock-dockerd-"));
  const bridge = `dd${process.pid.toString(36)}`;
  const subnet = 1 + (process.pid % 200);
  const makeBridge = 'ip link add name "$0" type bridge && ip addr add "$1" dev "$0" && ip link set "$0" up';
  execFileSync("sh", ["-c", makeBridge, bridge, `10.213.${subnet}.1/24`]);
  const dockerd = await startDockerd(folder, [
    `--bridge=${bridge}`,
    `--default-address-pool=base=10.214.${subnet}.0/24,size=28`,
    `--registry-mirror=${surroundings.mirror}`,
  ]);
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: folder,
    DOCKER_HOST: `unix://${path.join(folder, "docker.sock")}`,
    DOCKER_CONFIG: path.join(folder, "config"),
    DOCKER_BUILDKIT: "0",
    ...surroundings.env,
  };
  const shell: Shell = (line, cwd) => {
    const child = spawn(...limited(line), { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
    child.stdin.on("error", () => {}).end();
    return outputOf(child);
  };
  return {
    name: "dockerd",
    answers: (session) => answersOf(session, shell, surroundings.names),
    async dispose() {
      await shell("docker ps -aq | xargs -r docker rm -f -v", folder);
      if (dockerd.exitCode === null) {
        dockerd.kill("SIGTERM");
        await once(dockerd, "exit");
      }
      unmountAll(path.join(folder, "exec-root/netns/default"));
      // With overlay2 it leaves its folder mounted on itself.
      unmountAll(path.join(folder, "data-root"));
      spawnSync("ip", ["link", "delete", bridge], { stdio: "ignore" });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startDockerd(folder: string, flags: readonly string[]): Promise<ChildProcess> {
  const places = ["data-root", "exec-root"].map((place) => `--${place}=${path.join(folder, place)}`);
  mkdirSync(path.join(folder, "config"));
  const socket = ["-H", `unix://${path.join(folder, "docker.sock")}`, `--pidfile=${path.join(folder, "pid")}`];
  const dockerd = spawn("dockerd", [...places, ...socket, "--storage-driver=overlay2", ...flags], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  await new Promise<void>((resolve, reject) => {
    let log = "";
    dockerd.stderr.setEncoding("utf8").on("data", (text: string) => {
      log += text;
      if (/API listen on/.test(log)) resolve();
    });
    dockerd.on("exit", () => reject(new Error(`dockerd ended:\n${log}`)));
  });
  return dockerd;
}
