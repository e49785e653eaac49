// What the views of the editor do when the engine has much to show: rows of 500 containers, of 30 builds with 40 steps each.
import type { ContainerInfo } from "dockerode";
import type { BuildRun } from "../../client/builds/run.ts";
import { arrange } from "../../client/views/arrange.ts";
import { buildNodes } from "../../client/views/builds.ts";
import { containerArrangement, containerNodes } from "../../client/views/containers.ts";
import { formatMessage } from "../../engine/base/message.ts";

const rounds = 200;
const around = { nowMs: 2_000_000_000, translate: formatMessage };

const containers = Array.from({ length: 500 }, (_, index): ContainerInfo => {
  const labels = index % 3 === 0 ? {} : { "com.docker.compose.project": `project-${index % 20}` };
  const running = index % 4 !== 0;
  const port = { IP: "0.0.0.0", PublicPort: 3000 + index, PrivatePort: 80, Type: "tcp" };
  return {
    Id: index.toString(16).padStart(64, "0"),
    Names: [`/service-${index}`],
    Image: `registry.example.com/team/app-${index % 50}:1.0`,
    ImageID: `sha256:${String(index % 50).padStart(64, "0")}`,
    State: running ? "running" : "exited",
    Status: running ? "Up 3 minutes (healthy)" : "Exited (1) 2 hours ago",
    Command: "node server.js",
    Created: 1_000_000 + index,
    Ports: running ? [port, { ...port, IP: "::" }] : [],
    Labels: labels,
    NetworkSettings: { Networks: {} },
  } as ContainerInfo;
});

const builds = Array.from({ length: 30 }, (_, number): BuildRun => {
  const position = { line: 4, character: 0 };
  return {
    id: `build-${number}`,
    file: "file:///work/app/Dockerfile",
    name: "app:latest",
    engine: "embedded",
    state: "done",
    startedAt: 1_000_000 * number,
    endedAt: 1_000_000 * number + 60_000,
    steps: Array.from({ length: 40 }, (_, id) => ({
      step: {
        id,
        text: `RUN step ${id} of a build`,
        stage: "stage-0",
        keyword: "RUN",
        range: { start: position, end: position },
      },
      state: id < 20 ? ("reused" as const) : ("done" as const),
      durationMs: 1200,
      sizeBytes: 1_000_000,
      ...(id < 20 ? {} : { cause: { kind: "pruned" as const } }),
    })),
  };
});

function time(name: string, work: () => unknown): void {
  for (let warm = 0; warm < 20; warm++) work();
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    work();
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => (times[Math.floor(times.length * share)] ?? 0).toFixed(2);
  console.log(JSON.stringify({ name, value: `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms` }));
}

function main(): void {
  const arrangement = containerArrangement(formatMessage);
  const choice = { group: "project", sort: "state", filter: "" };
  time("view of 500 containers: rows, sorted, in groups", () =>
    arrange(containerNodes(containers, around), arrangement, choice),
  );
  time("view of 500 containers: with a filter", () =>
    arrange(containerNodes(containers, around), arrangement, { ...choice, filter: "app-7 service" }),
  );
  time("view of 30 builds with 40 steps each", () => buildNodes(builds, around));
}

main();
