import { EngineError, type ErrorBody } from "../../engine/base/errors.ts";
import { msg } from "../../engine/base/message.ts";
import { formatBytes } from "../ui/format.ts";

/** A line of Docker's progress stream; `drydock` is there when the engine is ours. */
interface PullMessage {
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
  readonly drydock?: ErrorBody["drydock"];
}

/** The query of `POST /images/create`. Docker pulls every tag of a repository when none is named. */
export function pullQuery(name: string): string {
  const hasTag = name.includes("@") || name.includes(":", name.lastIndexOf("/") + 1);
  return new URLSearchParams({ fromImage: name, ...(hasTag ? {} : { tag: "latest" }) }).toString();
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

  function read({ id, progressDetail, error, drydock }: PullMessage): void {
    if (error !== undefined) {
      throw new EngineError(drydock ?? { code: "internal", message: msg("{text}", { text: error }) });
    }
    const { current, total } = progressDetail ?? {};
    if (id && current !== undefined) layers.set(id, { current, total: total ?? current });
    const sums = [...layers.values()];
    const done = sums.reduce((sum, layer) => sum + layer.current, 0);
    const all = sums.reduce((sum, layer) => sum + layer.total, 0);
    if (all > 0) report(`${formatBytes(done)} / ${formatBytes(all)}`);
  }
}
