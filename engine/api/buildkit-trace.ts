import type { BuildStep } from "../base/build-events.ts";
import { digestOf } from "../base/digest.ts";
import { formatMessage } from "../base/message.ts";
import type { ClassicStream } from "./classic-stream.ts";
import type { JsonLines } from "./json-lines.ts";
import { ProtoWriter } from "./protobuf.ts";

/**
 * Our events as Docker tells BuildKit's progress over `POST /build?version=2`: lines with the id `moby.buildkit.trace` whose
 * aux is a `moby.buildkit.v1.StatusResponse`, base64. A vertex is sent again, whole, whenever it has changed.
 */
export function buildkitTrace(lines: JsonLines): ClassicStream {
  let buildId = "";
  let steps: readonly BuildStep[] = [];
  const states = new Map<number, State>();

  const send = (fill: (status: ProtoWriter) => void) => {
    const status = new ProtoWriter();
    fill(status);
    lines.send({ id: "moby.buildkit.trace", aux: status.finish().toString("base64") });
  };
  const digest = (step: number) => digestOf(`${buildId} ${step}`);
  const vertex = (step: BuildStep): ProtoWriter => {
    const { cached, startedAt, doneAt, error } = states.get(step.id) ?? {};
    const below = steps.findLast((other) => other.stage === step.stage && other.id < step.id);
    const message = new ProtoWriter().text(1, digest(step.id));
    if (below) message.text(2, digest(below.id));
    message.text(3, nameOf(step, steps)).flag(4, cached ?? false);
    if (startedAt !== undefined) message.time(5, startedAt);
    if (doneAt !== undefined) message.time(6, doneAt);
    return message.text(7, error ?? "");
  };
  const change = (id: number, more: Partial<State>) => {
    states.set(id, { ...states.get(id), ...more });
    const step = steps[id];
    if (step) send((status) => status.message(1, vertex(step)));
  };

  return {
    spoken: false,
    onEvent(event) {
      switch (event.type) {
        case "started":
          ({ buildId, steps } = event);
          send((status) => {
            for (const step of steps) status.message(1, vertex(step));
          });
          break;
        case "step-started":
          change(event.step, { startedAt: event.at, cached: event.cached ?? false });
          break;
        case "step-done": {
          const startedAt = states.get(event.step)?.startedAt ?? event.at - event.durationMs;
          change(event.step, { startedAt, doneAt: event.at, cached: event.cached });
          break;
        }
        case "log": {
          const log = new ProtoWriter().text(1, digest(event.step)).time(2, event.at);
          log.integer(3, event.stream === "stdout" ? 1 : 2).bytes(4, Buffer.from(`${event.text}\n`));
          send((status) => status.message(3, log));
          break;
        }
        case "progress": {
          const { step, item, currentBytes, totalBytes } = event;
          const now = Date.now();
          const about = new ProtoWriter().text(1, item).text(2, digest(step)).text(3, item);
          about
            .integer(4, currentBytes)
            .integer(5, totalBytes ?? 0)
            .time(6, now);
          about.time(7, states.get(step)?.startedAt ?? now);
          if (totalBytes !== undefined && currentBytes >= totalBytes) about.time(8, now);
          send((status) => status.message(2, about));
          break;
        }
        case "warning": {
          const about = new ProtoWriter().text(1, digest(0)).integer(2, 1);
          about.bytes(3, Buffer.from(formatMessage(event.message)));
          send((status) => status.message(4, about));
          break;
        }
        case "failed": {
          const { message, drydock } = event.error;
          if (event.step !== undefined) change(event.step, { doneAt: event.at, error: message });
          lines.send({ errorDetail: { code: drydock?.exitCode ?? 1, message }, error: message, drydock });
          break;
        }
        case "done":
          lines.send({ id: "moby.image.id", aux: { ID: event.imageId } });
      }
    },
  };
}

interface State {
  readonly cached?: boolean;
  readonly startedAt?: number;
  readonly doneAt?: number;
  readonly error?: string;
}

/** `[app 2/3] RUN make`, as BuildKit's clients expect it; without a name while there is one stage only. */
function nameOf({ stage, id, text }: BuildStep, steps: readonly BuildStep[]): string {
  const own = steps.filter((step) => step.stage === stage);
  const place = own.findIndex((step) => step.id === id) + 1;
  const isOnly = own.length === steps.length;
  return `[${isOnly ? "" : `${stage} `}${place}/${own.length}] ${text}`;
}
