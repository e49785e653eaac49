import { Emitter } from "../base/events.ts";
import type { EngineEvent } from "../containers/types.ts";

/** How many past events `GET /events?since=` can answer with; Docker keeps as many. */
const kept = 256;

export interface EventLog {
  emit(event: EngineEvent): void;
  /** Oldest first. */
  recent(): readonly EngineEvent[];
  /** Returns the function that takes the listener away. */
  on(listener: (event: EngineEvent) => void): () => void;
}

export function createEventLog(): EventLog {
  const emitter = new Emitter<EngineEvent>();
  const ring: EngineEvent[] = [];
  return {
    emit(event) {
      ring.push(event);
      if (ring.length > kept) ring.shift();
      emitter.emit(event);
    },
    recent: () => [...ring],
    on: (listener) => emitter.on(listener),
  };
}

export function nowNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}
