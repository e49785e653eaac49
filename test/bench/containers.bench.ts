// How long it takes to run things, beside dockerd by the same calls in the same run; logs, published ports, and what an idle engine costs.
import { readdirSync, readFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { busyboxImage } from "../support/base-images.ts";
import { bundleEngine, openEngineLab, root } from "../support/docker-lab.ts";
import { startRegistry } from "../support/registry.ts";
import { startPeers } from "./peers.ts";

const rounds = 15;
const listed = 200;
const logLines = 300_000;
const fileMb = 256;

/** An engine's API: the embedded one's or dockerd's. */
class Engine {
  readonly name: string;
  readonly #socket: string;
  readonly image: string;

  constructor(name: string, socket: string, image: string) {
    this.name = name;
    this.#socket = socket;
    this.image = image;
  }

  open(method: string, path: string, json?: unknown): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const body = json === undefined ? undefined : JSON.stringify(json);
      const headers = body === undefined ? {} : { "content-type": "application/json", "content-length": body.length };
      const call = request({ socketPath: this.#socket, method, path: `/v1.41${path}`, headers }, resolve);
      call.on("error", reject).end(body);
    });
  }

  async ask<T>(method: string, path: string, json?: unknown): Promise<T> {
    const answer = await this.open(method, path, json);
    let text = "";
    for await (const chunk of answer.setEncoding("utf8")) text += chunk;
    if ((answer.statusCode ?? 500) >= 400) throw new Error(`${method} ${path}: ${text}`);
    try {
      return JSON.parse(text) as T;
    } catch {
      return undefined as T;
    }
  }

  async create(script: string, host: object = {}): Promise<string> {
    const Cmd = ["sh", "-c", script];
    const HostConfig = { NetworkMode: "none", ...host };
    return (await this.ask<{ Id: string }>("POST", "/containers/create", { Image: this.image, Cmd, HostConfig })).Id;
  }

  async run(script: string, host: object = {}): Promise<string> {
    const id = await this.create(script, host);
    await this.ask("POST", `/containers/${id}/start`);
    return id;
  }

  remove(id: string): Promise<void> {
    return this.ask("DELETE", `/containers/${id}?force=1`);
  }
}

async function runTrue(engine: Engine): Promise<void> {
  const id = await engine.create("true", { AutoRemove: true });
  const gone = engine.ask("POST", `/containers/${id}/wait?condition=removed`);
  await engine.ask("POST", `/containers/${id}/start`);
  await gone;
}

async function execTrue(engine: Engine, id: string): Promise<void> {
  const exec = await engine.ask<{ Id: string }>("POST", `/containers/${id}/exec`, {
    Cmd: ["true"],
    AttachStdout: true,
  });
  await engine.ask("POST", `/exec/${exec.Id}/start`, { Detach: false, Tty: false });
  const { ExitCode } = await engine.ask<{ ExitCode: number }>("GET", `/exec/${exec.Id}/json`);
  if (ExitCode !== 0) throw new Error(`exec ended with ${ExitCode}`);
}

/** Lines a second that somebody gets who follows while they are written. */
async function followLog(engine: Engine): Promise<number> {
  const id = await engine.create(`seq 1 ${logLines}`, { AutoRemove: false });
  const begin = performance.now();
  await engine.ask("POST", `/containers/${id}/start`);
  const answer = await engine.open("GET", `/containers/${id}/logs?follow=1&stdout=1`);
  let lines = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) for (const byte of chunk) if (byte === 10) lines += 1;
  const perSecond = lines / ((performance.now() - begin) / 1000);
  await engine.remove(id);
  // A newline may also be a byte of a frame's length.
  if (lines < logLines) throw new Error(`${lines} of ${logLines} lines`);
  return perSecond;
}

/** MB/s of a file from a web server in a container. */
async function download(engine: Engine, host: object, port: number): Promise<number> {
  const script = `dd if=/dev/zero of=/tmp/file bs=1M count=${fileMb} 2>/dev/null; exec httpd -f -p ${port} -h /tmp`;
  const id = await engine.run(script, host);
  try {
    for (let tries = 0; ; tries += 1) {
      try {
        await fetchAll(port);
        break;
      } catch (error) {
        if (tries > 200) throw error;
        await delay(50);
      }
    }
    const speeds: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const begin = performance.now();
      const bytes = await fetchAll(port);
      speeds.push(bytes / 1e6 / ((performance.now() - begin) / 1000));
    }
    return median(speeds);
  } finally {
    await engine.remove(id);
  }
}

function fetchAll(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port, path: "/file", agent: false }, (answer) => {
      let bytes = 0;
      answer.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
      });
      answer.on("end", () => (bytes === fileMb * 1024 * 1024 ? resolve(bytes) : reject(new Error(`${bytes} bytes`))));
      answer.on("error", reject);
    });
    call.on("error", reject);
    call.end();
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function times(work: () => Promise<unknown>, count = rounds): Promise<number> {
  await work();
  const all: number[] = [];
  for (let round = 0; round < count; round += 1) {
    const begin = performance.now();
    await work();
    all.push(performance.now() - begin);
  }
  return median(all);
}

/** CPU seconds so far, resident and private memory in MB. */
function costOf(pid: number): { readonly cpu: number; readonly rss: number; readonly own: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? [];
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
  const kb = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(rollup)?.[1] ?? 0);
  return {
    cpu: (Number(fields[11]) + Number(fields[12])) / 100,
    rss: kb("Rss") / 1000,
    own: (kb("Private_Clean") + kb("Private_Dirty")) / 1000,
  };
}

function monitors(home: string): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => {
      try {
        return pid > 0 && readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(`${home}/containers/`);
      } catch {
        return false;
      }
    });
}

function row(name: string, value: string): void {
  console.log(JSON.stringify({ name, value }));
}

async function main(): Promise<void> {
  if (process.getuid?.() !== 0) {
    console.log("Containers are compared as root; as an ordinary user there is nothing to compare with.");
    return;
  }
  const registry = await startRegistry();
  await registry.push("library/busybox:latest", await busyboxImage());
  const image = `${registry.host}/library/busybox:latest`;
  const programs = await bundleEngine();
  const lab = await openEngineLab(root, { dist: programs.dir });
  const peers = await startPeers((line) => process.stderr.write(line));
  try {
    await lab.launch();
    await lab.ok(["pull", image]);
    const engine = new Engine("engine", lab.socket, image);
    const docker = peers.find(({ socket }) => socket !== undefined);
    await docker?.prepare(image);
    const all = [engine, ...(docker?.socket ? [new Engine(docker.name, docker.socket, image)] : [])];
    const compare = async (name: string, unit: string, measure: (one: Engine) => Promise<number>) => {
      const values: string[] = [];
      for (const one of all) values.push(`${(await measure(one)).toFixed(0)} ${unit} ${one.name}`);
      row(name, values.join(", "));
    };

    await compare("run --rm --network none busybox true", "ms", (one) => times(() => runTrue(one)));
    await compare("exec true", "ms", async (one) => {
      const id = await one.run("sleep 1000");
      const ms = await times(() => execTrue(one, id));
      await one.remove(id);
      return ms;
    });
    await compare(`list of ${listed} containers`, "ms", async (one) => {
      const ids: string[] = [];
      for (let i = 0; i < listed; i += 1) ids.push(await one.create("true"));
      const ms = await times(() => one.ask("GET", "/containers/json?all=1"));
      for (const id of ids) await one.remove(id);
      return ms;
    });
    await compare("logs --follow", "lines/s", followLog);

    const direct = await download(engine, { NetworkMode: "host" }, 18_080);
    const bindings = { "18081/tcp": [{ HostIp: "127.0.0.1", HostPort: "18081" }] };
    const published = await download(engine, { NetworkMode: "bridge", PortBindings: bindings }, 18_081);
    row("published port", `${published.toFixed(0)} MB/s, ${direct.toFixed(0)} MB/s without one`);

    const { pid } = await lab.status();
    const ids = await Promise.all(Array.from({ length: 10 }, () => engine.run("sleep 1000")));
    // It tidies its memory once, eight seconds after the last request.
    await delay(10_000);
    const before = costOf(pid);
    const each = monitors(lab.home).map(costOf);
    await delay(10_000);
    const after = costOf(pid);
    const cpu = ((after.cpu - before.cpu) / 10) * 100;
    row("idle engine with 10 containers", `${after.rss.toFixed(0)} MB RSS, ${cpu.toFixed(1)} % CPU`);
    const own = median(each.map((cost) => cost.own));
    row(
      "monitor of a container",
      `${own.toFixed(1)} MB of its own, ${median(each.map(({ rss }) => rss)).toFixed(0)} MB RSS`,
    );
    for (const id of ids) await engine.remove(id);
  } finally {
    for (const peer of peers) await peer.dispose();
    await lab.dispose();
    programs.dispose();
    await registry.stop();
  }
}

void main();
