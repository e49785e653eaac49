import type { EngineEvent } from "../containers/types.ts";
import type { Call } from "./call.ts";
import { nowNs } from "./event-log.ts";
import { anyOf, type Filters, labelsFit, readFilters } from "./filters.ts";
import { jsonLines } from "./json-lines.ts";
import type { Services } from "./services.ts";
import { parseTimeNs } from "./times.ts";

/** Keys of an event's attributes that are not labels. */
const known = [
  "container",
  "daemon",
  "event",
  "image",
  "label",
  "network",
  "scope",
  "type",
  "volume",
  "node",
  "plugin",
];

/** `GET /events`: past ones since `since`, then live ones, until `until` or until the client goes. */
export async function streamEvents(call: Call, services: Services): Promise<void> {
  const filters = readFilters(call, known);
  const since = parseTimeNs("since", call.query.get("since"));
  const until = parseTimeNs("until", call.query.get("until"));
  const lines = jsonLines(call, "application/json", "\n");
  lines.start();
  const fits = (event: EngineEvent) => (until === undefined || event.timeNs <= until) && eventFits(event, filters);

  // Listening before looking back: nothing is emitted between the two, as both happen in one turn.
  const off = services.events.on((event) => {
    if (fits(event)) lines.sendRaw(eventJson(event));
  });
  if (since !== undefined) {
    for (const event of services.events.recent()) {
      if (event.timeNs >= since && fits(event)) lines.sendRaw(eventJson(event));
    }
  }
  await ended(call.signal, until);
  off();
  await lines.end();
}

const texts = new WeakMap<EngineEvent, string>();

/** However many listen, an event is written down once. */
export function eventJson(event: EngineEvent): string {
  const known = texts.get(event) ?? eventText(event);
  texts.set(event, known);
  return known;
}

/** As JSON. The time in nanoseconds is larger than a JavaScript number holds, so it is written by hand. */
function eventText(event: EngineEvent): string {
  const { type, action, id, attributes, timeNs } = event;
  const old = type === "container" || type === "image";
  const from = attributes.image;
  const json = JSON.stringify({
    ...(old ? { status: action, id, ...(type === "container" && from ? { from } : {}) } : {}),
    Type: type,
    Action: action,
    Actor: { ID: id, Attributes: attributes },
    scope: "local",
    time: Number(timeNs / 1_000_000_000n),
  });
  return `${json.slice(0, -1)},"timeNano":${timeNs}}`;
}

function eventFits(event: EngineEvent, filters: Filters): boolean {
  const name = event.attributes.name ?? "";
  const names = (value: string) => event.id === value || name === value || (value !== "" && event.id.startsWith(value));
  return (
    anyOf(filters, "type", (value) => event.type === value) &&
    // `exec_start: sh -c …` is found by `exec_start`.
    anyOf(filters, "event", (value) => event.action === value || event.action.startsWith(`${value}:`)) &&
    anyOf(filters, "container", (value) => event.type === "container" && names(value)) &&
    anyOf(filters, "network", (value) => event.type === "network" && names(value)) &&
    anyOf(filters, "volume", (value) => event.type === "volume" && names(value)) &&
    anyOf(filters, "scope", (value) => value === "local") &&
    anyOf(filters, "image", (value) => imageFits(event, value)) &&
    labelsFit(filters, event.attributes)
  );
}

function imageFits(event: EngineEvent, value: string): boolean {
  const name = event.type === "image" ? (event.attributes.name ?? "") : (event.attributes.image ?? "");
  return [name, name.replace(/:[^:/]*$/, "")].includes(value) || (event.type === "image" && event.id === value);
}

function ended(signal: AbortSignal, until: bigint | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const leftMs = until === undefined ? undefined : Number((until - nowNs()) / 1_000_000n);
    const timer =
      leftMs === undefined ? undefined : setTimeout(() => resolve(), Math.min(Math.max(0, leftMs), 2 ** 31 - 1));
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
