// docker with BuildKit, for root: an engine of its own in a folder of its own.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { ImageConfig } from "../../../engine/oci/types.ts";
import { outputOf } from "../../support/docker-lab.ts";
import { unmountAll } from "../../support/unmount.ts";
import { type Answer, normalConfig, normalHistory } from "./answer.ts";
import { conformanceBases, dockerArchive } from "./base-images.ts";
import { namedContexts, type Workshop } from "./builds.ts";
import type { Case } from "./case.ts";
import { applyTar, linesOf, type Tree } from "./tree.ts";

export interface PeerEngine {
  /** In the order of the cases. */
  answers(cases: readonly Case[]): Promise<Answer[]>;
  dispose(): Promise<void>;
}

/** The client that comes with the engine and can ask for BuildKit by itself; another one on PATH may want a plug-in for it. */
const client = ["/usr/bin/docker"].find((file) => existsSync(file)) ?? "docker";

export async function openDocker(workshop: Workshop): Promise<PeerEngine> {
  const folder = mkdtempSync(path.join(workshop.folder, "docker-"));
  const socket = path.join(folder, "docker.sock");
  const dockerd = await start(folder, socket);
  const env = {
    PATH: process.env.PATH,
    DOCKER_HOST: `unix://${socket}`,
    DOCKER_BUILDKIT: "1",
    DOCKER_CONFIG: path.join(folder, "config"),
    HOME: folder,
  };
  for (const [name, image] of await conformanceBases()) {
    execFileSync(client, ["load"], { input: await dockerArchive(name, image), env, stdio: "pipe" });
  }

  const ids = new Map<Case, string>();

  async function build(one: Case, tag: string): Promise<void> {
    const context = await workshop.contextOf(one);
    const file = await workshop.dockerfileOf(one);
    const args = ["build", "-q", "--network=none", "-t", tag, "-f", file, ...flagsOf(one, context, folder), context];
    const { code, stdout } = await outputOf(spawn(client, args, { env, stdio: ["ignore", "pipe", "pipe"] }));
    if (dockerd.exitCode !== null) throw new Error(`dockerd ended while it built ${one.name}`);
    ids.delete(one);
    if (code === 0) ids.set(one, stdout.trim().slice("sha256:".length));
  }

  /** From where dockerd keeps it: what has no layers cannot be saved. */
  const configOf = (id: string): ImageConfig =>
    JSON.parse(readFileSync(path.join(folder, "data-root/image/overlay2/imagedb/content/sha256", id), "utf8"));

  /** Trees by image. */
  async function treesOf(images: readonly string[]): Promise<Map<string, Tree>> {
    const trees = new Map<string, Tree>();
    if (images.length === 0) return trees;
    const place = mkdtempSync(path.join(folder, "saved-"));
    const saved = spawn("sh", ["-c", `"$0" save "$@" | tar -x -C ${place}`, client, ...images], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const { code, stderr } = await outputOf(saved);
    if (code !== 0) throw new Error(`docker save: ${stderr}`);
    const manifest: { Config: string; Layers: string[] }[] = JSON.parse(
      readFileSync(path.join(place, "manifest.json"), "utf8"),
    );
    for (const { Config, Layers } of manifest) {
      const tree: Tree = new Map();
      for (const layer of Layers) await applyTar(tree, createReadStream(path.join(place, layer)));
      trees.set(Config.replace(".json", ""), tree);
    }
    rmSync(place, { recursive: true });
    return trees;
  }

  return {
    async answers(cases) {
      for (const [at, one] of cases.entries()) await build(one, `conformance:${at}`);
      const found = cases.flatMap((one) => ids.get(one) ?? []);
      const trees = await treesOf([...new Set(found)].filter((id) => configOf(id).rootfs.diff_ids?.length > 0));
      return cases.map((one) => {
        const id = ids.get(one);
        if (id === undefined) return { built: false };
        const image = configOf(id);
        const tree = linesOf(trees.get(id) ?? new Map(), workshop.base);
        return { built: true, tree, config: normalConfig(image), history: normalHistory(image) };
      });
    },
    async dispose() {
      if (dockerd.exitCode === null) {
        dockerd.kill("SIGTERM");
        await once(dockerd, "exit");
      }
      // With overlay2 it leaves its folder mounted on itself.
      unmountAll(path.join(folder, "data-root"));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function start(folder: string, socket: string): Promise<ChildProcess> {
  const places = ["data-root", "exec-root"].map((place) => `--${place}=${path.join(folder, place)}`);
  const network = ["--bridge=none", "--iptables=false", "--ip6tables=false"];
  const more = ["-H", `unix://${socket}`, `--pidfile=${path.join(folder, "pid")}`, "--storage-driver=overlay2"];
  const dockerd = spawn("dockerd", [...places, ...network, ...more], { stdio: ["ignore", "ignore", "pipe"] });
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

/** Flags that docker and buildah have in common. */
export function flagsOf(one: Case, context: string, folder: string): string[] {
  const { target, buildArgs = {}, labels = {}, secrets = {}, addHosts = [], platform } = one.options ?? {};
  const pairs = (flag: string, values: Readonly<Record<string, string>>) =>
    Object.entries(values).map(([name, value]) => `--${flag}=${name}=${value}`);
  const kept = path.join(folder, "secrets");
  mkdirSync(kept, { recursive: true });
  return [
    ...(target === undefined ? [] : [`--target=${target}`]),
    ...(platform === undefined ? [] : [`--platform=${platform}`]),
    ...pairs("build-arg", buildArgs),
    ...pairs("label", labels),
    ...addHosts.map((host) => `--add-host=${host}`),
    ...namedContexts(one, context).map(([name, where]) => `--build-context=${name}=${where}`),
    ...Object.entries(secrets).map(([id, value]) => {
      const file = path.join(kept, id);
      writeFileSync(file, value);
      return `--secret=id=${id},src=${file}`;
    }),
  ];
}
