import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";

/** Set in a mocha run that `runAgain` started. */
export const insideVariable = "DRYDOCK_TEST_INSIDE";

export interface OrdinaryUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** The ordinary user for tests, with subordinate ids; made when root runs the tests and there is none. */
export function ordinaryUser(): OrdinaryUser {
  const name = "dev";
  if (find(name) === undefined) execFileSync("useradd", ["--create-home", name], { stdio: "inherit" });
  const user = find(name);
  if (!user) throw new Error(`no user ${name}`);
  return user;
}

function find(name: string): OrdinaryUser | undefined {
  const fields = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((line) => line.startsWith(`${name}:`))
    ?.split(":");
  return fields && { name, uid: Number(fields[2]), gid: Number(fields[3]), home: fields[5] ?? "/" };
}

export interface Again {
  /** The bundled test file: `__filename` of the caller. */
  readonly bundle: string;
  /** Value of `insideVariable`, by which the file knows what to run. */
  readonly inside: string;
  readonly user?: OrdinaryUser;
  /** Put before node: unshare … */
  readonly prefix?: readonly string[];
}

/** Runs a bundled test file in a mocha of its own, as another user or in namespaces. @throws with its output when it fails */
export async function runAgain({ bundle, inside, user, prefix = [] }: Again): Promise<void> {
  const mocha = path.resolve("node_modules/mocha/bin/mocha.js");
  const command = [...prefix, process.execPath, "--enable-source-maps", mocha, "--exit", "--timeout", "60000", bundle];
  const [file = "", ...args] = command;
  const child = spawn(file, args, {
    stdio: ["ignore", "pipe", "pipe"],
    ...(user && { uid: user.uid, gid: user.gid }),
    env: {
      PATH: process.env.PATH,
      // DRYDOCK_KILLS, DRYDOCK_SOAK: how often.
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith("DRYDOCK_"))),
      ...(user && { HOME: user.home, USER: user.name }),
      [insideVariable]: inside,
    },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  if (code === 0) return;
  // What failed comes last, and a report shows the beginning of a message.
  const failed = output.search(/^ +\d+ failing$/m);
  throw new Error(`${inside}: mocha ended with ${code}\n${failed < 0 ? output : output.slice(failed)}`);
}

/** The namespaces that engine/runtime/holder.ts makes for an ordinary user. */
export const userNamespaces = ["unshare", "--map-root-user", "--map-auto", "--mount", "--propagation", "slave"];
