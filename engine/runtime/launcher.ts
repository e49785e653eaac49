import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { mkdirSync, rmdirSync, rmSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Readable, Writable } from "node:stream";
import { lookUpCommand } from "./command-lookup.ts";
import { locate, type PathView } from "./container-paths.ts";
import { carryEnvironment } from "./environment.ts";
import { badWorkingDirectory, noIsolation, oneUserOnly, processGone, setupFailed } from "./errors.ts";
import { need } from "./host-tools.ts";
import { findInit } from "./init.ts";
import { planMounts } from "./mount-plan.ts";
import { readMounts } from "./mountinfo.ts";
import { namespaceOf, processStat } from "./proc.ts";
import { whenRunning } from "./running.ts";
import { makeScratch } from "./scratch.ts";
import { seccompFile } from "./seccomp/filter.ts";
import { execCommand, runCommand } from "./stages.ts";
import { endable, makePipes, silence } from "./stdio.ts";
import { runTool } from "./tools.ts";
import type { HostFacts, ProcessSpec, RunningProcess, Runtime } from "./types.ts";

/** The built-in back end: nothing but the util-linux programs that every distribution has. */
export function createLauncher(facts: HostFacts): Runtime {
  const hostPrograms = programIdentities(facts);
  const start = (
    argv: readonly string[],
    process: ProcessSpec,
    command: string,
    afterExit: () => void,
    how: Pick<Start, "lingerMs" | "staysAsInit">,
  ) => startProcess({ facts, hostPrograms, argv, process, command, afterExit, ...how });
  let ownSysfs: Promise<boolean> | undefined;
  return {
    name: "launcher",
    async run(spec) {
      check(facts, spec.process);
      // With a network namespace of its own a container may always mount its own /sys.
      if (spec.network === "current") ownSysfs ??= canMountSysfs(facts);
      const hasOwnSysfs = spec.network === "none" || (await ownSysfs) === true;
      const created: string[] = [];
      const undo = () => removeStubs(created);
      const devTemplate = makeScratch();
      try {
        const init = spec.init ? findInit(facts) : undefined;
        const plan = planMounts(spec, {
          facts,
          ownSysfs: hasOwnSysfs,
          mounts: readMounts(),
          created,
          devTemplate,
          ...(init && { more: [init.mount] }),
        });
        makeWorkingDirectory(plan.view, spec.process.cwd);
        const found = lookUpCommand(plan.view, spec.process);
        const command = init ? init.command : found;
        const process = init
          ? { ...spec.process, args: [command, "--", found, ...spec.process.args.slice(1)] }
          : spec.process;
        const files = { first: "", second: "", third: "" };
        for (const name of ["first", "second", "third"] as const) {
          files[name] = path.join(spec.stateDir, `${name}.fstab`);
          writeFileSync(files[name], plan[name]);
        }
        const { wrapped } = environmentOf(process);
        const staysAsInit = spec.init === true && !init;
        const filter = seccompFile(spec, spec.process, facts);
        const last = { facts, process, command, wrapped, seccompFile: filter, staysAsInit };
        const argv = runCommand(spec, plan, files, last);
        return await start(argv, process, command, undo, { lingerMs: Number.POSITIVE_INFINITY, staysAsInit });
      } catch (error) {
        undo();
        throw error;
      } finally {
        rmSync(devTemplate, { recursive: true, force: true });
      }
    },
    async exec(container, process) {
      const { pid } = container;
      check(facts, process);
      const stat = processStat(pid);
      if (!stat || stat.state === "Z") throw processGone(pid);
      // The dot, because the root of the view must be a folder and not a link to one.
      const view: PathView = { root: `/proc/${pid}/root/.`, mounted: new Map() };
      if (locate(view, process.cwd).stats?.isDirectory() !== true) throw badWorkingDirectory(process.cwd);
      const command = lookUpCommand(view, process);
      const keeper = namespaceOf(stat.parent, "mnt") === namespaceOf(pid, "mnt") ? stat.parent : undefined;
      const otherNetwork = namespaceOf(pid, "net") !== namespaceOf("self", "net");
      const { wrapped } = environmentOf(process);
      const last = { facts, process, command, wrapped, seccompFile: seccompFile(container, process, facts) };
      const argv = execCommand(container, keeper, otherNetwork, last);
      return start(argv, process, command, () => {}, { lingerMs: execLingerMs, staysAsInit: false });
    },
  };
}

/** As Docker: what an exec'd process leaves behind may hold its output open, but not for ever. */
const execLingerMs = 2000;

interface Start {
  readonly facts: HostFacts;
  readonly hostPrograms: ReadonlySet<string>;
  readonly argv: readonly string[];
  readonly process: ProcessSpec;
  readonly command: string;
  readonly afterExit: () => void;
  readonly lingerMs: number;
  /** The command is a child of the first process. */
  readonly staysAsInit: boolean;
}

async function startProcess(start: Start): Promise<RunningProcess> {
  const { facts, process: spec, argv, command } = start;
  const [file = "", ...args] = argv;
  const { env } = environmentOf(spec);
  // Its own session: a Ctrl-C in the terminal that the engine was started from is not meant for containers.
  const common = { env: { ...env }, cwd: "/", detached: true };
  const rest = {
    tty: spec.tty !== undefined,
    command,
    hostPrograms: start.hostPrograms,
    stty: facts.tools.stty,
    lingerMs: start.lingerMs,
    staysAsInit: start.staysAsInit,
    afterExit: start.afterExit,
  };
  if (spec.tty) {
    const child = spawnChain(file, args, { ...common, stdio: ["pipe", "pipe", "ignore", "pipe"] });
    const stdin = child.stdin as Writable;
    const stdout = child.stdout as Readable;
    stdin.on("error", () => {});
    return whenRunning({ child, stdin, stdout: endable(stdout), stderr: silence(), ...rest });
  }
  const pipes = await makePipes(need(facts, "mkfifo"), spec);
  let child: ChildProcess;
  try {
    child = spawnChain(file, args, { ...common, stdio: [...pipes.childEnds, "pipe"] });
  } catch (error) {
    for (const stream of [pipes.stdin, pipes.stdout, pipes.stderr]) stream.destroy();
    throw error;
  } finally {
    // Before anything is awaited: while this side holds them open, there is no end of output.
    pipes.closeChildEnds();
  }
  const may = Number.isFinite(start.lingerMs) ? endable : (stream: Readable) => stream;
  return whenRunning({ child, stdin: pipes.stdin, stdout: may(pipes.stdout), stderr: may(pipes.stderr), ...rest });
}

/** spawn(2) can fail at once: E2BIG, when there is more environment than the kernel takes. */
function spawnChain(file: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  try {
    return spawn(file, args, options);
  } catch (error) {
    throw setupFailed((error as Error).message);
  }
}

function environmentOf({ env }: ProcessSpec) {
  return carryEnvironment(env);
}

function check(facts: HostFacts, { uid, gid }: ProcessSpec): void {
  if (facts.isolation === "none") throw noIsolation(facts.notes[0]);
  if (facts.isolation === "single-id" && (uid !== 0 || gid !== 0)) throw oneUserOnly(uid, facts.notes[0]);
}

function makeWorkingDirectory(view: PathView, cwd: string): void {
  const found = locate(view, cwd);
  if (found.host === undefined || found.stats?.isDirectory()) return;
  if (found.stats) throw badWorkingDirectory(cwd);
  try {
    mkdirSync(found.host, { recursive: true });
  } catch {
    throw badWorkingDirectory(cwd);
  }
}

/** Mount points that were made for the run are not part of what it did. */
function removeStubs(created: readonly string[]): void {
  for (const stub of created.toReversed()) {
    try {
      const { size } = statSync(stub);
      if (statSync(stub).isDirectory()) rmdirSync(stub);
      else if (size === 0) unlinkSync(stub);
    } catch {
      // In use by the image in the meantime, or gone: both are fine.
    }
  }
}

async function canMountSysfs({ tools }: HostFacts): Promise<boolean> {
  const { unshare, mount } = tools;
  if (!unshare || !mount) return false;
  const { code } = await runTool(unshare, ["--mount", mount, "-n", "-t", "sysfs", "sysfs", "/sys"]);
  return code === 0;
}

function programIdentities({ tools }: HostFacts): ReadonlySet<string> {
  const used = ["sh", "unshare", "setpriv", "env", "perl", "python3", "mount", "stty", "chown", "script", "nsenter"];
  return new Set(
    used.flatMap((name) => {
      const file = tools[name];
      if (file === undefined) return [];
      const { dev, ino } = statSync(file);
      return [`${dev}:${ino}`];
    }),
  );
}
