import { type ChildProcess, spawn } from "node:child_process";
import { Agent } from "node:http";
import { Duplex } from "node:stream";
import type { Address } from "./address.ts";

type SshAddress = Extract<Address, { readonly kind: "ssh" }>;

/**
 * Connections through ssh(1), one process each, kept for the next request. The user's own ssh configuration, agent and known hosts count;
 * a password cannot be asked for.
 */
export class SshAgent extends Agent {
  readonly #address: SshAddress;
  readonly #children = new Set<ChildProcess>();

  constructor(address: SshAddress) {
    super({ keepAlive: true, maxFreeSockets: 2, scheduling: "lifo" });
    this.#address = address;
  }

  override createConnection(): Duplex {
    const child = spawn("ssh", sshArguments(this.#address), { stdio: ["pipe", "pipe", "pipe"] });
    this.#children.add(child);
    child.on("close", () => this.#children.delete(child));
    return new ProcessSocket(child);
  }

  override destroy(): void {
    super.destroy();
    for (const child of this.#children) child.kill();
  }
}

export function sshArguments({ host, user, port, path, program, identityFile }: SshAddress): string[] {
  const remote =
    program === "podman"
      ? ["podman", ...(path ? ["--url", `unix://${path}`] : []), "system", "dial-stdio"]
      : ["docker", ...(path ? ["--host", `unix://${path}`] : []), "system", "dial-stdio"];
  return [
    "-T",
    ...["-o", "BatchMode=yes", "-o", "ConnectTimeout=15"],
    ...(identityFile ? ["-i", identityFile] : []),
    ...(port ? ["-p", String(port)] : []),
    ...(user ? ["-l", user] : []),
    "--",
    host,
    ...remote.map(shellWord),
  ];
}

/** The other side reads it with a shell. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A process's standard streams with what http asks of a socket. */
class ProcessSocket extends Duplex {
  readonly #child: ChildProcess;
  #complaint = "";

  constructor(child: ChildProcess) {
    super();
    this.#child = child;
    child.stdout?.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) child.stdout?.pause();
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-2000);
    });
    child.stdin?.on("error", () => {});
    child.on("error", (error) => this.destroy(error));
    child.on("close", (code) => {
      if (code && this.#complaint) this.destroy(new Error(this.#complaint.trim().split("\n").at(-1)));
      else this.push(null);
    });
    // http waits for it.
    process.nextTick(() => this.emit("connect"));
  }

  override _read(): void {
    this.#child.stdout?.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    // A broken pipe is told by the end of ssh, with its words.
    this.#child.stdin?.write(chunk, () => done());
  }

  override _final(done: () => void): void {
    this.#child.stdin?.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#child.kill();
    done(error);
  }

  setTimeout(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    this.#child.ref();
    return this;
  }
  unref(): this {
    this.#child.unref();
    return this;
  }
}
