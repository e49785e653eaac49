import { setTimeout as sleep } from "node:timers/promises";
import type { StatsSample } from "../containers/stats-sample.ts";
import type { Container } from "../containers/types.ts";
import { type Call, flag, param, sendJson } from "./call.ts";
import { isUp } from "./container-view.ts";
import { jsonLines } from "./json-lines.ts";
import { type Route, route } from "./router.ts";
import type { Services } from "./services.ts";
import { isoTime, never } from "./times.ts";

export const statsRoutes: readonly Route[] = [route("GET", "/containers/:id/stats", stats)];

const intervalMs = 1000;

/**
 * `stream=1` (what is said when nothing is): a sample a second until the client goes or the container is gone. Else one: with
 * `one-shot=1` at once and without an earlier one to compare with, or of the second that follows.
 */
async function stats(call: Call, services: Services): Promise<void> {
  const { containers } = services;
  const { id } = containers.get(param(call, "id"));
  if (!flag(call, "stream", true)) {
    const before = flag(call, "one-shot") ? undefined : await sample(id, containers);
    if (before) await sleep(intervalMs, undefined, { signal: call.signal }).catch(() => {});
    return sendJson(call, 200, statsView(containers.get(id), await sample(id, containers), before));
  }
  const lines = jsonLines(call, "application/json", "\n");
  let before: StatsSample | undefined;
  while (!call.signal.aborted) {
    const container = containers.list().find((one) => one.id === id);
    if (!container) break;
    const now = await sample(id, containers);
    lines.send(statsView(container, now, before));
    before = now;
    await sleep(intervalMs, undefined, { signal: call.signal }).catch(() => {});
  }
  await lines.end();
}

/** Undefined for a container that uses nothing, because it does not run. */
async function sample(id: string, containers: Services["containers"]): Promise<StatsSample | undefined> {
  if (!isUp(containers.get(id))) return undefined;
  try {
    return await containers.stats(id);
  } catch (error) {
    // It ended while it was looked at.
    if (!containers.list().some((one) => one.id === id && isUp(one))) return undefined;
    throw error;
  }
}

/** Docker's JSON. A container that does not run has its name only, which its client shows as zeros. */
export function statsView(container: Container, now: StatsSample | undefined, before: StatsSample | undefined) {
  return {
    name: `/${container.name}`,
    id: container.id,
    read: now ? isoTime(now.readAt) : never,
    preread: before ? isoTime(before.readAt) : never,
    pids_stats: now ? pidsView(now) : {},
    blkio_stats: blkioView(now),
    num_procs: 0,
    storage_stats: {},
    cpu_stats: cpuView(now),
    precpu_stats: cpuView(before),
    memory_stats: now ? memoryView(now) : {},
    ...(now ? { networks: networksView(now) } : {}),
  };
}

function pidsView({ pids, pidsLimit }: StatsSample) {
  return { ...(pids === undefined ? {} : { current: pids }), ...(pidsLimit === undefined ? {} : { limit: pidsLimit }) };
}

function cpuView(sample: StatsSample | undefined) {
  const { throttling } = sample ?? {};
  return {
    cpu_usage: {
      total_usage: Number(sample?.cpuTotalNs ?? 0),
      usage_in_kernelmode: Number(sample?.cpuSystemNs ?? 0),
      usage_in_usermode: Number(sample?.cpuUserNs ?? 0),
    },
    ...(sample ? { system_cpu_usage: Number(sample.machineCpuNs), online_cpus: sample.onlineCpus } : {}),
    throttling_data: {
      periods: throttling?.periods ?? 0,
      throttled_periods: throttling?.throttled ?? 0,
      throttled_time: Number(throttling?.throttledNs ?? 0),
    },
  };
}

function memoryView(sample: StatsSample) {
  return {
    ...(sample.memoryBytes === undefined ? {} : { usage: sample.memoryBytes }),
    ...(sample.memoryMaxBytes === undefined ? {} : { max_usage: sample.memoryMaxBytes }),
    stats: sample.memoryParts,
    limit: sample.memoryLimitBytes,
  };
}

function blkioView(sample: StatsSample | undefined) {
  return {
    io_service_bytes_recursive:
      sample?.blockIo.map(({ major, minor, op, bytes }) => ({ major, minor, op, value: bytes })) ?? null,
    io_serviced_recursive: null,
    io_queue_recursive: null,
    io_service_time_recursive: null,
    io_wait_time_recursive: null,
    io_merged_recursive: null,
    io_time_recursive: null,
    sectors_recursive: null,
  };
}

function networksView(sample: StatsSample) {
  return Object.fromEntries(
    Object.entries(sample.networks).map(([name, counters]) => [
      name,
      {
        rx_bytes: counters.rxBytes,
        rx_packets: counters.rxPackets,
        rx_errors: counters.rxErrors,
        rx_dropped: counters.rxDropped,
        tx_bytes: counters.txBytes,
        tx_packets: counters.txPackets,
        tx_errors: counters.txErrors,
        tx_dropped: counters.txDropped,
      },
    ]),
  );
}
