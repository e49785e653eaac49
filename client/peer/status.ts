/** BuildKit's progress (moby.buildkit.v1.StatusResponse), from the engine's stream or from `--progress=rawjson`. Times are ms since 1970. */
export interface SolveStatus {
  readonly vertexes: readonly Vertex[];
  readonly statuses: readonly VertexStatus[];
  readonly logs: readonly VertexLog[];
  readonly warnings: readonly { readonly short: string }[];
}

export interface Vertex {
  readonly digest: string;
  readonly name: string;
  readonly cached: boolean;
  readonly startedAt?: number;
  readonly completedAt?: number;
  readonly error?: string;
}

export interface VertexStatus {
  readonly id: string;
  readonly vertex: string;
  readonly current: number;
  readonly total: number;
}

export interface VertexLog {
  readonly vertex: string;
  /** 1 stdout, 2 stderr. */
  readonly stream: number;
  readonly data: Buffer;
  readonly at: number;
}

/** Reads what comes with `--progress=rawjson`, by lines: one value a line, or (buildx before 0.15) indented over several. */
export class RawJsonReader {
  #open: string[] | undefined;

  /** A status, nothing yet, or a line of something else. */
  read(line: string): SolveStatus | "other" | undefined {
    if (this.#open) {
      this.#open.push(line);
      if (line !== "}") return undefined;
      const whole = this.#open.join("\n");
      this.#open = undefined;
      return readRawJson(whole);
    }
    if (line === "{") {
      this.#open = [line];
      return undefined;
    }
    if (line.trim() === "") return undefined;
    return readRawJson(line) ?? "other";
  }
}

function readRawJson(text: string): SolveStatus | undefined {
  if (!text.startsWith("{")) return undefined;
  let value: RawStatus;
  try {
    value = JSON.parse(text) as RawStatus;
  } catch {
    return undefined;
  }
  const time = (text: string | undefined) =>
    text === undefined || text.startsWith("0001-") ? undefined : Date.parse(text);
  return {
    vertexes: (value.vertexes ?? []).map(({ digest = "", name = "", cached = false, started, completed, error }) =>
      vertex({ digest, name, cached, startedAt: time(started), completedAt: time(completed), error }),
    ),
    statuses: (value.statuses ?? []).map(({ id = "", vertex: of = "", current = 0, total = 0 }) => ({
      id,
      vertex: of,
      current,
      total,
    })),
    logs: (value.logs ?? []).map(({ vertex: of = "", stream = 1, data = "", timestamp }) => ({
      vertex: of,
      stream,
      data: Buffer.from(data, "base64"),
      at: time(timestamp) ?? Date.now(),
    })),
    warnings: (value.warnings ?? []).map(({ short = "" }) => ({ short: Buffer.from(short, "base64").toString() })),
  };
}

interface RawStatus {
  readonly vertexes?: readonly {
    readonly digest?: string;
    readonly name?: string;
    readonly cached?: boolean;
    readonly started?: string;
    readonly completed?: string;
    readonly error?: string;
  }[];
  readonly statuses?: readonly {
    readonly id?: string;
    readonly vertex?: string;
    readonly current?: number;
    readonly total?: number;
  }[];
  readonly logs?: readonly {
    readonly vertex?: string;
    readonly stream?: number;
    readonly data?: string;
    readonly timestamp?: string;
  }[];
  readonly warnings?: readonly { readonly short?: string }[];
}

/** The same as a protocol buffer. @throws RangeError when it breaks off */
export function readTrace(bytes: Uint8Array): SolveStatus {
  const status = {
    vertexes: [] as Vertex[],
    statuses: [] as VertexStatus[],
    logs: [] as VertexLog[],
    warnings: [] as { short: string }[],
  };
  for (const { number, bytes: part } of fields(bytes)) {
    const of = new Map(fields(part).map((field) => [field.number, field]));
    const text = (at: number) => Buffer.from(of.get(at)?.bytes ?? []).toString();
    const count = (at: number) => of.get(at)?.value ?? 0;
    const time = (at: number) => timestamp(of.get(at)?.bytes);
    if (number === 1) {
      status.vertexes.push(
        vertex({
          digest: text(1),
          name: text(3),
          cached: count(4) === 1,
          startedAt: time(5),
          completedAt: time(6),
          error: text(7),
        }),
      );
    } else if (number === 2) {
      status.statuses.push({ id: text(1), vertex: text(2), current: count(4), total: count(5) });
    } else if (number === 3) {
      status.logs.push({
        vertex: text(1),
        stream: count(3),
        data: Buffer.from(of.get(4)?.bytes ?? []),
        at: time(2) ?? Date.now(),
      });
    } else if (number === 4) {
      status.warnings.push({ short: text(3) });
    }
  }
  return status;
}

interface Loose {
  readonly digest: string;
  readonly name: string;
  readonly cached: boolean;
  readonly startedAt: number | undefined;
  readonly completedAt: number | undefined;
  readonly error: string | undefined;
}

function vertex({ digest, name, cached, startedAt, completedAt, error }: Loose): Vertex {
  return {
    digest,
    name,
    cached,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(completedAt === undefined ? {} : { completedAt }),
    ...(error ? { error } : {}),
  };
}

interface Field {
  readonly number: number;
  readonly value: number;
  readonly bytes: Uint8Array;
}

const none = new Uint8Array();

/** Fields of a message (proto3, "Encoding"): varints and what has a length; others are passed over. */
function fields(message: Uint8Array): Field[] {
  const found: Field[] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[at++];
      if (byte === undefined || shift > 63) throw new RangeError("the message breaks off");
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    const number = Math.floor(key / 8);
    const kind = key % 8;
    if (kind === 0) found.push({ number, value: varint(), bytes: none });
    else if (kind === 2) {
      const end = varint() + at;
      if (end > message.length) throw new RangeError("the message breaks off");
      found.push({ number, value: 0, bytes: message.subarray(at, end) });
      at = end;
    } else if (kind === 1) at += 8;
    else if (kind === 5) at += 4;
    else throw new RangeError(`no field of kind ${kind} is known`);
  }
  return found;
}

function timestamp(bytes: Uint8Array | undefined): number | undefined {
  if (!bytes) return undefined;
  const of = new Map(fields(bytes).map(({ number, value }) => [number, value]));
  const ms = (of.get(1) ?? 0) * 1000 + Math.round((of.get(2) ?? 0) / 1e6);
  // Go's zero time, which is before 1970, comes as a huge number.
  return ms > 0 && ms < 8.64e15 ? ms : undefined;
}
