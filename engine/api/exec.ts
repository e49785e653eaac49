import { EngineError } from "../base/errors.ts";
import type { Exec, ExecOptions } from "../containers/types.ts";
import { type Call, param, readBody, sendEmpty, sendJson } from "./call.ts";
import { connectInput, copyOutput, terminalSize } from "./container-io.ts";
import { badField, toErrorBody } from "./errors.ts";
import { fieldsOf } from "./fields.ts";
import { hijack } from "./hijack.ts";
import { type Route, route } from "./router.ts";
import type { Services } from "./services.ts";
import { frame, streamType } from "./stream.ts";

export const execRoutes: readonly Route[] = [
  route("POST", "/containers/:id/exec", create),
  route("POST", "/exec/:id/start", start),
  route("POST", "/exec/:id/resize", resize),
  route("GET", "/exec/:id/json", inspect),
];

async function create(call: Call, { containers }: Services): Promise<void> {
  const body = fieldsOf(await readBody(call));
  const args = body.list("Cmd") ?? [];
  if (args.length === 0) throw badField("Cmd", "a command");
  const env = body.list("Env");
  const workingDir = body.text("WorkingDir");
  const user = body.text("User");
  const options: ExecOptions = {
    args,
    tty: body.flag("Tty") ?? false,
    openStdin: body.flag("AttachStdin") ?? false,
    privileged: body.flag("Privileged") ?? false,
    ...(env && env.length > 0 ? { env } : {}),
    ...(workingDir ? { workingDir } : {}),
    ...(user ? { user } : {}),
  };
  const exec = await containers.createExec(param(call, "id"), options);
  sendJson(call, 201, { Id: exec.id });
}

async function start(call: Call, { containers }: Services): Promise<void> {
  const exec = containers.getExec(param(call, "id"));
  const body = fieldsOf(await readBody(call));
  const [rows, columns] = consoleSize(body.raw("ConsoleSize"));
  const size = exec.tty && rows && columns ? { rows, columns } : undefined;
  if (body.flag("Detach")) {
    (await containers.startExec(exec.id, size)).detach();
    sendEmpty(call, 200);
    return;
  }
  const attachment = await containers.startExec(exec.id, size).catch((error: unknown) => error as Error);
  if (attachment instanceof Error) {
    if (!isOfCommand(attachment)) throw attachment;
    // As Docker does: the connection is made, and why nothing runs is its output. The exit code says the rest.
    const client = hijack(call, streamType(exec.tty, call.minor));
    const words = Buffer.from(`${toErrorBody(attachment).body.message}\r\n`);
    await client.write(exec.tty ? words : frame("stdout", words));
    client.end();
    return;
  }
  const client = hijack(call, streamType(exec.tty, call.minor));
  connectInput(client, attachment, exec.openStdin);
  await copyOutput(client, attachment, exec.tty, { stdout: true, stderr: true });
  client.end();
}

/** Not of the call: the command, its user or its folder is not there. */
function isOfCommand(error: Error): boolean {
  return error instanceof EngineError && ["command-not-found", "invalid-argument"].includes(error.code);
}

function consoleSize(value: unknown): readonly (number | undefined)[] {
  return Array.isArray(value) && value.every((part) => Number.isInteger(part)) ? (value as number[]) : [];
}

async function resize(call: Call, { containers }: Services): Promise<void> {
  await containers.resizeExec(param(call, "id"), terminalSize(call));
  sendEmpty(call, 200);
}

function inspect(call: Call, { containers }: Services): void {
  sendJson(call, 200, execDetails(containers.getExec(param(call, "id"))));
}

function execDetails(exec: Exec) {
  const [entrypoint = "", ...rest] = exec.args;
  return {
    ID: exec.id,
    Running: exec.running,
    ExitCode: exec.running ? null : (exec.exitCode ?? null),
    ProcessConfig: {
      tty: exec.tty,
      entrypoint,
      arguments: rest,
      privileged: exec.privileged,
      ...(exec.user ? { user: exec.user } : {}),
    },
    OpenStdin: exec.openStdin,
    OpenStderr: true,
    OpenStdout: true,
    CanRemove: false,
    ContainerID: exec.containerId,
    DetachKeys: "",
    Pid: exec.pid ?? 0,
  };
}
