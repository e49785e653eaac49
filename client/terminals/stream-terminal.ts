import { StringDecoder } from "node:string_decoder";
import type Docker from "dockerode";
import type { ContainerCreateOptions } from "dockerode";
import * as vscode from "vscode";
import { demultiplex } from "../engines/stdio.ts";

interface Session {
  /** False: the stream is in Docker's frames, and lines end as the program ends them. Default true. */
  readonly tty?: boolean;
  /** The hijacked connection: what is typed goes in, what the process prints comes out. */
  readonly stream: NodeJS.ReadWriteStream & { destroy?(): void };
  resize(rows: number, columns: number): Promise<unknown>;
  /** Called once, when the process has ended. Returns its exit code. */
  finished(): Promise<number | undefined>;
  /** The terminal was closed before that. */
  closed?(): void;
}

interface Size {
  readonly rows: number;
  readonly columns: number;
}

type Connect = (size: Size) => Promise<Session>;

/**
 * A terminal on a process in a container (attach or exec with a terminal), over the Engine API alone.
 * `connect` is called when the terminal is drawn, with its size.
 */
export function openStreamTerminal(
  name: string,
  icon: string,
  connect: Connect,
  onError: (error: unknown) => void,
): vscode.Terminal {
  return vscode.window.createTerminal({
    name,
    iconPath: new vscode.ThemeIcon(icon),
    pty: streamPseudoterminal(connect, onError),
  });
}

/** The same for who has a terminal already: a task. `onError` may say with which code it ends. */
export function streamPseudoterminal(
  connect: Connect,
  onError: (error: unknown, write: (text: string) => void) => unknown,
): vscode.Pseudoterminal {
  const output = new vscode.EventEmitter<string>();
  const closed = new vscode.EventEmitter<number | undefined>();
  let session: Session | undefined;
  let typedEarly = "";
  let drawnEarly: Size | undefined;
  let gone = false;
  let ended = false;

  return {
    onDidWrite: output.event,
    onDidClose: closed.event,
    async open(dimensions) {
      try {
        const size = { rows: dimensions?.rows ?? 24, columns: dimensions?.columns ?? 80 };
        const connected = await connect(size);
        if (gone) {
          connected.closed?.();
          return connected.stream.destroy?.();
        }
        session = connected;
        // It was drawn anew meanwhile: a panel that opens gets its height last.
        if (drawnEarly) connected.resize(drawnEarly.rows, drawnEarly.columns).catch(() => {});
        const decoder = new StringDecoder("utf8");
        if (connected.tty === false) void showFrames(connected.stream, output);
        else connected.stream.on("data", (chunk: Buffer) => output.fire(decoder.write(chunk)));
        connected.stream.on("error", () => {});
        connected.stream.on("close", async () => {
          const code = await connected.finished().catch(() => undefined);
          ended = true;
          closed.fire(code);
        });
        if (typedEarly) connected.stream.write(typedEarly);
      } catch (error) {
        const code = onError(error, (text) => output.fire(text.replace(/\r?\n/g, "\r\n")));
        closed.fire(typeof code === "number" ? code : undefined);
      }
    },
    close() {
      gone = true;
      if (!ended) session?.closed?.();
      session?.stream.destroy?.();
    },
    handleInput(text) {
      if (session?.tty === false && session.closed && text === "\x03") session.closed();
      else if (session?.tty === false) {
        // Without a terminal in the container nobody echoes.
        output.fire(text.replaceAll("\r", "\r\n"));
        session.stream.write(text.replaceAll("\r", "\n"));
      } else if (session) session.stream.write(text);
      else typedEarly += text;
    },
    setDimensions({ rows, columns }) {
      if (session) session.resize(rows, columns).catch(() => {});
      else drawnEarly = { rows, columns };
    },
  };
}

/** A new container in a terminal: attached before it starts, so that its first lines are seen. `endsWithTerminal`: closing it stops the container. */
export function runSession(docker: Docker, options: ContainerCreateOptions, endsWithTerminal = false): Connect {
  return async ({ rows, columns }) => {
    const { Tty = false, OpenStdin = false, HostConfig = {} } = options;
    const container = await docker.createContainer({
      ...options,
      ...(OpenStdin ? { StdinOnce: true, AttachStdin: true } : {}),
      AttachStdout: true,
      AttachStderr: true,
      HostConfig: { ...HostConfig, ...(Tty ? { ConsoleSize: [rows, columns] } : {}) },
    });
    const stream = await container.attach({ stream: true, hijack: true, stdin: OpenStdin, stdout: true, stderr: true });
    // Waited for before it can be gone.
    const ended = container.wait({ condition: HostConfig.AutoRemove ? "removed" : "next-exit" });
    ended.catch(() => {});
    try {
      await container.start();
    } catch (error) {
      // What has never run is not removed by itself.
      await container.remove({ force: true }).catch(() => {});
      throw error;
    }
    if (Tty) await container.resize({ h: rows, w: columns }).catch(() => {});
    return {
      stream,
      tty: Tty,
      resize: async (h, w) => (Tty ? container.resize({ h, w }) : undefined),
      finished: async () => (await ended).StatusCode as number,
      ...(endsWithTerminal ? { closed: () => void container.stop().catch(() => {}) } : {}),
    };
  };
}

async function showFrames(stream: Session["stream"], output: vscode.EventEmitter<string>): Promise<void> {
  for await (const { data } of demultiplex(stream, false)) output.fire(data.toString().replace(/\r?\n/g, "\r\n"));
}
