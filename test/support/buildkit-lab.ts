// docker's own BuildKit, and what it says of each step.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { ForeignImage } from "../../engine/base/forecast.ts";
import { outputOf } from "./docker-lab.ts";
import { openDockerd } from "./peer-engines.ts";

/** The client that can ask for BuildKit by itself; another one on PATH may want a plug-in for it. */
const client = ["/usr/bin/docker"].find((file) => existsSync(file)) ?? "docker";

export interface ToldStep {
  readonly stage: string | undefined;
  /** Within the stage, from 1. */
  readonly place: number;
  readonly text: string;
  readonly cached: boolean;
  readonly durationMs: number;
}

export interface BuildKitLab {
  build(
    context: string,
    args: readonly string[],
  ): Promise<{ readonly isGood: boolean; readonly steps: readonly ToldStep[] }>;
  tag(name: string, as: string): Promise<void>;
  image(name: string): Promise<ForeignImage>;
  dispose(): Promise<void>;
}

export async function openBuildKit(): Promise<BuildKitLab> {
  const dockerd = await openDockerd();
  const folder = mkdtempSync(path.join(tmpdir(), "drydock-buildkit-"));
  const env = {
    PATH: process.env.PATH,
    DOCKER_HOST: `unix://${dockerd.socket}`,
    DOCKER_BUILDKIT: "1",
    DOCKER_CONFIG: folder,
    HOME: folder,
  };
  const docker = async (args: readonly string[]) =>
    outputOf(spawn(client, args, { env, stdio: ["ignore", "pipe", "pipe"] }));
  const good = async (args: readonly string[]) => {
    const { code, stdout, stderr } = await docker(args);
    if (code !== 0) throw new Error(`docker ${args.join(" ")}: ${stderr}`);
    return stdout;
  };
  return {
    async build(context, args) {
      const { code, stderr } = await docker(["build", "--progress=plain", "--network=none", ...args, context]);
      return { isGood: code === 0, steps: stepsIn(stderr) };
    },
    async tag(name, as) {
      await good(["tag", name, as]);
    },
    async image(name) {
      const [{ Id, RootFS, Config }] = JSON.parse(await good(["image", "inspect", name]));
      return { id: Id, layers: RootFS.Layers ?? [], config: Config };
    },
    async dispose() {
      rmSync(folder, { recursive: true, force: true });
      await dockerd.dispose();
    },
  };
}

/** `#7 [build 2/4] RUN make`, then `#7 CACHED` or `#7 DONE 0.3s`. */
function stepsIn(log: string): readonly ToldStep[] {
  const names = new Map<string, Pick<ToldStep, "stage" | "place" | "text">>();
  const ends = new Map<string, Pick<ToldStep, "cached" | "durationMs">>();
  for (const line of log.split("\n")) {
    const [, id = "", rest = ""] = /^#(\d+) (.*)$/.exec(line) ?? [];
    const [, stage, place, text = ""] = /^\[(?:(\S+) )?(\d+)\/\d+\] (.*)$/.exec(rest) ?? [];
    const [, seconds] = /^DONE (\d+\.\d+)s$/.exec(rest) ?? [];
    if (place !== undefined) names.set(id, { stage, place: Number(place), text });
    else if (rest === "CACHED") ends.set(id, { cached: true, durationMs: 0 });
    else if (seconds !== undefined) ends.set(id, { cached: false, durationMs: Math.round(Number(seconds) * 1000) });
  }
  return [...names]
    .flatMap(([id, name]) => {
      const end = ends.get(id);
      return end ? [{ ...name, ...end }] : [];
    })
    .sort((a, b) => a.place - b.place);
}
