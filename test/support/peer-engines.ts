// Engines that are not ours, each in a folder of its own, with busybox in its store. For root.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "esbuild";
import { conformanceBases, dockerArchive } from "../engine/conformance/base-images.ts";
import { unmountAll } from "./unmount.ts";

export interface PeerEngine {
  readonly socket: string;
  dispose(): Promise<void>;
}

/** What talks to such engines is a bundle of its own in the extension; its folder is what `connectTo` takes. */
export async function bundlePeer(): Promise<{ readonly dir: string; dispose(): void }> {
  const dir = mkdtempSync(path.join(tmpdir(), "drydock-dist-"));
  await build({
    entryPoints: { peer: "client/peer/main.ts" },
    outdir: dir,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    external: ["cpu-features", "*.node"],
    logLevel: "warning",
  });
  return { dir, dispose: () => rmSync(dir, { recursive: true, force: true }) };
}

/** `dockerd` without networks of its own: RUN steps want `network: "none"`. */
export async function openDockerd(): Promise<PeerEngine> {
  const folder = mkdtempSync(path.join(tmpdir(), "drydock-dockerd-"));
  const socket = path.join(folder, "docker.sock");
  const places = ["data-root", "exec-root"].map((place) => `--${place}=${path.join(folder, place)}`);
  const network = ["--bridge=none", "--iptables=false", "--ip6tables=false"];
  const more = ["-H", `unix://${socket}`, `--pidfile=${path.join(folder, "pid")}`, "--storage-driver=overlay2"];
  const dockerd = spawn("dockerd", [...places, ...network, ...more], { stdio: "ignore" });
  await answers(socket, dockerd);
  execFileSync("docker", ["-H", `unix://${socket}`, "load"], { input: await busyboxArchive(), stdio: "pipe" });
  return {
    socket,
    async dispose() {
      await end(dockerd);
      unmountAll(path.join(folder, "data-root"));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** `podman system service`. */
export async function openPodman(): Promise<PeerEngine> {
  const folder = mkdtempSync(path.join(tmpdir(), "drydock-podman-"));
  const socket = path.join(folder, "podman.sock");
  const places = ["--root", path.join(folder, "root"), "--runroot", path.join(folder, "run")];
  const storage = [...places, "--storage-driver", "vfs", "--cgroup-manager", "cgroupfs", "--runtime", "runc"];
  execFileSync("podman", [...storage, "load"], { input: await busyboxArchive(), stdio: "pipe" });
  const podman = spawn("podman", [...storage, "system", "service", "--time=0", `unix://${socket}`], {
    stdio: "ignore",
  });
  await answers(socket, podman);
  return {
    socket,
    async dispose() {
      await end(podman);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function busyboxArchive(): Promise<Buffer> {
  const busybox = (await conformanceBases()).get("busybox");
  if (!busybox) throw new Error("there is no busybox");
  return dockerArchive("busybox", busybox);
}

async function end(engine: ChildProcess): Promise<void> {
  if (engine.exitCode !== null || engine.signalCode !== null) return;
  engine.kill("SIGTERM");
  await once(engine, "exit");
}

async function answers(socketPath: string, engine: ChildProcess): Promise<void> {
  const ask = () =>
    new Promise<boolean>((resolve) => {
      const call = request({ socketPath, path: "/_ping" }, (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      });
      call.on("error", () => resolve(false));
      call.end();
    });
  while (!(await ask())) {
    if (engine.exitCode !== null) throw new Error(`${engine.spawnfile} ended with ${engine.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
