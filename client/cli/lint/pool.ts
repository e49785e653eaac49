import { once } from "node:events";
import { availableParallelism } from "node:os";
import { setFlagsFromString } from "node:v8";
import { parentPort, Worker, workerData } from "node:worker_threads";
import { Checker, type CheckJob } from "./check.ts";
import type { FileResult } from "./result.ts";

/** Below this a thread costs more than it saves. */
const worthThreads = 200;
const chunkSize = 20;
const mostThreads = 8;
const atOnce = 4;

interface ThreadData {
  readonly lintJob: CheckJob;
}

/** Results in the order of the files. Only a bounded number is under way or waiting to be taken. */
export async function* checkFiles(files: readonly string[], job: CheckJob): AsyncGenerator<FileResult> {
  optimizeLate();
  const threads = Math.min(mostThreads, availableParallelism(), Math.ceil(files.length / chunkSize));
  if (files.length < worthThreads || threads < 2) {
    const checker = new Checker(job);
    // Several at once: most of the time is spent waiting for ShellCheck.
    const started: Promise<FileResult>[] = [];
    for (let next = 0; next < files.length; next += 1) {
      while (started.length < Math.min(next + atOnce, files.length)) {
        const result = checker.file(files[started.length] ?? "");
        result.catch(() => {});
        started.push(result);
      }
      yield (await started[next]) as FileResult;
    }
    return;
  }
  const chunks: string[][] = [];
  for (let at = 0; at < files.length; at += chunkSize) chunks.push(files.slice(at, at + chunkSize));
  const workers = Array.from({ length: threads }, () => new Worker(__filename, { workerData: { lintJob: job } }));
  try {
    const results: (Promise<readonly FileResult[]> | undefined)[] = [];
    // Chunk n goes to worker n modulo threads, which answers in order; two for each are under way.
    const ahead = threads * 2;
    for (let next = 0; next < chunks.length; next += 1) {
      for (let at = results.length; at < Math.min(next + ahead, chunks.length); at += 1) {
        results[at] = ask(workers[at % threads] as Worker, at, chunks[at] ?? []);
        // A thread that fails is noticed when its turn comes.
        results[at]?.catch(() => {});
      }
      yield* (await results[next]) ?? [];
      results[next] = undefined;
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/**
 * V8 optimizes functions while they run, on further threads. A run of some thousand files is over before that pays: it
 * took 40 % of the processors' time. What stays hot for 15 times as long as usual is still optimized.
 */
function optimizeLate(): void {
  setFlagsFromString("--interrupt-budget=1000000");
}

interface Answer {
  readonly chunk: number;
  readonly results: readonly FileResult[];
}

async function ask(worker: Worker, chunk: number, files: readonly string[]): Promise<readonly FileResult[]> {
  worker.setMaxListeners(0);
  worker.postMessage({ chunk, files });
  for (;;) {
    // `once` rejects when the thread fails.
    const [answer] = (await once(worker, "message")) as [Answer];
    if (answer.chunk === chunk) return answer.results;
  }
}

/** True when this is a thread of `checkFiles`, which it then serves. */
export function serveAsThread(): boolean {
  const data = workerData as ThreadData | null;
  const port = parentPort;
  if (!port || !data?.lintJob) return false;
  const checker = new Checker(data.lintJob);
  let before: Promise<unknown> = Promise.resolve();
  port.on("message", ({ chunk, files }: { readonly chunk: number; readonly files: readonly string[] }) => {
    before = before.then(async () => {
      const results: FileResult[] = [];
      for (const file of files) results.push(await checker.file(file));
      port.postMessage({ chunk, results });
    });
  });
  return true;
}
