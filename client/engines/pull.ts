import { EngineError, type ErrorBody } from "../../engine/base/errors.ts";
import { msg } from "../../engine/base/message.ts";
import { formatBytes } from "../ui/format.ts";

interface PullMessage {
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
  readonly errorDetail?: ErrorBody;
}

/** Reads Docker's progress messages of a pull to the end; an error in them is thrown. */
export async function readPullProgress(stream: AsyncIterable<unknown>, report: (text: string) => void): Promise<void> {
  const layers = new Map<string, { current: number; total: number }>();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") read(JSON.parse(line) as PullMessage);
  }

  function read({ id, progressDetail, error, errorDetail }: PullMessage): void {
    if (errorDetail || error) {
      const fallback = { code: "internal" as const, message: msg("{text}", { text: error ?? "" }) };
      throw new EngineError(errorDetail?.drydock ?? fallback);
    }
    const { current, total } = progressDetail ?? {};
    if (id && current !== undefined) layers.set(id, { current, total: total ?? current });
    const sums = [...layers.values()];
    const done = sums.reduce((sum, layer) => sum + layer.current, 0);
    const all = sums.reduce((sum, layer) => sum + layer.total, 0);
    if (all > 0) report(`${formatBytes(done)} / ${formatBytes(all)}`);
  }
}
