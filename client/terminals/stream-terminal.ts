import { StringDecoder } from "node:string_decoder";
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
}

/**
 * A terminal on a process in a container (attach or exec with a terminal), over the Engine API alone.
 * `connect` is called when the terminal is drawn, with its size.
 */
export function openStreamTerminal(
  name: string,
  icon: string,
  connect: (size: { rows: number; columns: number }) => Promise<Session>,
  onError: (error: unknown) => void,
): vscode.Terminal {
  const output = new vscode.EventEmitter<string>();
  const closed = new vscode.EventEmitter<number | undefined>();
  let session: Session | undefined;
  let typedEarly = "";
  let gone = false;

  const pty: vscode.Pseudoterminal = {
    onDidWrite: output.event,
    onDidClose: closed.event,
    async open(dimensions) {
      try {
        const size = { rows: dimensions?.rows ?? 24, columns: dimensions?.columns ?? 80 };
        const connected = await connect(size);
        if (gone) return connected.stream.destroy?.();
        session = connected;
        const decoder = new StringDecoder("utf8");
        if (connected.tty === false) void showFrames(connected.stream, output);
        else connected.stream.on("data", (chunk: Buffer) => output.fire(decoder.write(chunk)));
        connected.stream.on("error", () => {});
        connected.stream.on("close", async () => closed.fire(await connected.finished().catch(() => undefined)));
        if (typedEarly) connected.stream.write(typedEarly);
      } catch (error) {
        onError(error);
        closed.fire(undefined);
      }
    },
    close() {
      gone = true;
      session?.stream.destroy?.();
    },
    handleInput(text) {
      if (session?.tty === false) {
        // Without a terminal in the container nobody echoes.
        output.fire(text.replaceAll("\r", "\r\n"));
        session.stream.write(text.replaceAll("\r", "\n"));
      } else if (session) session.stream.write(text);
      else typedEarly += text;
    },
    setDimensions({ rows, columns }) {
      session?.resize(rows, columns).catch(() => {});
    },
  };
  return vscode.window.createTerminal({ name, iconPath: new vscode.ThemeIcon(icon), pty });
}

async function showFrames(stream: Session["stream"], output: vscode.EventEmitter<string>): Promise<void> {
  for await (const { data } of demultiplex(stream, false)) output.fire(data.toString().replace(/\r?\n/g, "\r\n"));
}
