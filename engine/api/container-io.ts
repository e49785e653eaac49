import type { Attachment, Container } from "../containers/types.ts";
import { type Call, flag, integer, param, sendEmpty, skipUpgradedBody, text } from "./call.ts";
import { badParameter } from "./errors.ts";
import { nowNs } from "./event-log.ts";
import { GatheredWrites } from "./gathered-writes.ts";
import { type ClientStream, hijack } from "./hijack.ts";
import { logDetails } from "./log-details.ts";
import { type Route, route } from "./router.ts";
import type { Services } from "./services.ts";
import { frame, type StreamName, streamType } from "./stream.ts";
import { isoTimeNs, parseTimeNs } from "./times.ts";
import { acceptWebSocket } from "./web-socket.ts";

export const containerIoRoutes: readonly Route[] = [
  route("GET", "/containers/:id/logs", logs),
  route("POST", "/containers/:id/attach", attach),
  route("GET", "/containers/:id/attach/ws", attachSocket),
  route("POST", "/containers/:id/resize", resize),
];

async function logs(call: Call, { containers }: Services): Promise<void> {
  const container = containers.get(param(call, "id"));
  const wanted = { stdout: flag(call, "stdout"), stderr: flag(call, "stderr") };
  if (!wanted.stdout && !wanted.stderr) throw badParameter("stdout, stderr", "0");
  const sinceNs = parseTimeNs("since", call.query.get("since"));
  const untilNs = parseTimeNs("until", call.query.get("until"));
  const tail = tailOf(text(call, "tail"));
  const timestamps = flag(call, "timestamps");
  const details = flag(call, "details") ? `${logDetails(container)} ` : "";
  const lines = containers.logs(container.id, {
    ...wanted,
    follow: flag(call, "follow"),
    signal: call.signal,
    ...(tail === undefined ? {} : { tail }),
    ...(sinceNs === undefined ? {} : { sinceNs }),
    ...(untilNs === undefined ? {} : { untilNs }),
  });
  const tty = container.options.tty === true;
  call.res.writeHead(200, { "content-type": streamType(tty, call.minor) });
  call.res.flushHeaders();
  const output = new GatheredWrites(call.res);
  for await (const line of lines) {
    if (call.signal.aborted) break;
    const before = `${timestamps ? `${isoTimeNs(line.timeNs)} ` : ""}${details}`;
    const data = before === "" ? line.data : Buffer.concat([Buffer.from(before), line.data]);
    const full = output.write(tty ? data : frame(line.stream, data));
    if (full) await full;
  }
  await output.flush();
  call.res.end();
}

/** `all`, or a number of lines; Docker takes what it cannot read for `all`. */
function tailOf(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}

/** The same by web socket: messages of bytes without frames of ours, both outputs as one unless one is asked for. */
async function attachSocket(call: Call, { containers }: Services): Promise<void> {
  const container = containers.get(param(call, "id"));
  const asked = { stdout: flag(call, "stdout"), stderr: flag(call, "stderr") };
  const outputs = asked.stdout || asked.stderr ? asked : { stdout: true, stderr: true };
  const stdin = flag(call, "stdin") && container.options.openStdin === true;
  const before = nowNs();
  const attachment = flag(call, "stream") ? await containers.attach(container.id, { stdin }) : undefined;
  const client = acceptWebSocket(call);
  if (attachment) connectInput(client, attachment, stdin);
  if (flag(call, "logs")) {
    const past = containers.logs(container.id, { ...outputs, follow: false, untilNs: before, signal: call.signal });
    for await (const { data } of past) await client.write(data);
  }
  for await (const { stream, data } of attachment?.output ?? []) {
    if (client.gone.aborted) break;
    if (outputs[stream]) await client.write(data);
  }
  client.end();
}

/** `stream=1` the live connection, `logs=1` what was said before; both when both are asked for. */
async function attach(call: Call, { containers }: Services): Promise<void> {
  const container = containers.get(param(call, "id"));
  await skipUpgradedBody(call);
  const live = flag(call, "stream");
  const outputs = { stdout: flag(call, "stdout"), stderr: flag(call, "stderr") };
  const before = nowNs();
  const stdin = flag(call, "stdin") && container.options.openStdin === true;
  const attachment = live ? await containers.attach(container.id, { stdin }) : undefined;
  const tty = container.options.tty === true;
  const client = hijack(call, streamType(tty, call.minor));
  if (attachment) connectInput(client, attachment, stdin);
  if (flag(call, "logs")) await replay(client, container, { ...outputs, before }, call, containers);
  if (attachment) await copyOutput(client, attachment, tty, outputs);
  client.end();
}

async function replay(
  client: ClientStream,
  container: Container,
  wanted: { readonly stdout: boolean; readonly stderr: boolean; readonly before: bigint },
  call: Call,
  containers: Services["containers"],
): Promise<void> {
  const { stdout, stderr, before } = wanted;
  const past = containers.logs(container.id, { stdout, stderr, follow: false, untilNs: before, signal: call.signal });
  for await (const line of past) {
    await client.write(container.options.tty === true ? line.data : frame(line.stream, line.data));
  }
}

/** Client → process. The end of the client's half closes stdin; the process decides what that means. */
export function connectInput(client: ClientStream, attachment: Attachment, stdin: boolean): void {
  client.gone.addEventListener("abort", () => attachment.detach(), { once: true });
  if (client.gone.aborted) attachment.detach();
  if (!stdin) return;
  client.onInput(
    (chunk) => {
      attachment.write(chunk);
      return attachment.drain?.();
    },
    () => attachment.closeStdin(),
  );
}

/** Process → client, until the process has said everything or the client has gone. */
export async function copyOutput(
  client: ClientStream,
  attachment: Attachment,
  tty: boolean,
  wanted: Readonly<Record<StreamName, boolean>>,
): Promise<void> {
  for await (const { stream, data } of attachment.output) {
    if (client.gone.aborted) break;
    if (tty) await client.write(data);
    else if (wanted[stream]) await client.write(frame(stream, data));
  }
}

async function resize(call: Call, { containers }: Services): Promise<void> {
  await containers.resize(param(call, "id"), terminalSize(call));
  sendEmpty(call, 200);
}

/** `h` and `w`. @throws EngineError `invalid-argument` */
export function terminalSize(call: Call): { readonly rows: number; readonly columns: number } {
  const [rows, columns] = [integer(call, "h"), integer(call, "w")];
  if (rows === undefined || rows < 0 || rows > 65535) throw badParameter("h", String(rows ?? ""));
  if (columns === undefined || columns < 0 || columns > 65535) throw badParameter("w", String(columns ?? ""));
  return { rows, columns };
}
