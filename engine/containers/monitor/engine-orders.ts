import type { HostFacts } from "../../runtime/types.ts";

/** One JSON object a line on the monitor's stdin. */
export type MonitorOrder =
  /** Does ahead what takes time in a start. */
  | { readonly type: "prepare"; readonly facts: HostFacts }
  /** The container whose folder this is; its plan lies there. */
  | { readonly type: "watch"; readonly dir: string }
  /** Its process may start. */
  | { readonly type: "go" };

/** What the engine that started this monitor says, in its order; `undefined` once it is gone. */
export class EngineOrders {
  readonly #waiting: MonitorOrder[] = [];
  #isOver = false;
  #wake: () => void = () => {};

  constructor(input: NodeJS.ReadableStream) {
    let text = "";
    input.setEncoding("utf8");
    input.on("data", (part: string) => {
      const lines = (text + part).split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) this.#waiting.push(JSON.parse(line) as MonitorOrder);
      this.#wake();
    });
    for (const event of ["end", "error", "close"]) {
      input.on(event, () => {
        this.#isOver = true;
        this.#wake();
      });
    }
  }

  async next(): Promise<MonitorOrder | undefined> {
    for (;;) {
      const order = this.#waiting.shift();
      if (order || this.#isOver) return order;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
