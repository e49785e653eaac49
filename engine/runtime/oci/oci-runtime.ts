import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { EngineError } from "../../base/errors.ts";
import { lookUpCommand } from "../command-lookup.ts";
import { type PathView, tryLocate } from "../container-paths.ts";
import { badWorkingDirectory, execFailed, initMissing, processGone, setupFailed } from "../errors.ts";
import { need, quote, words } from "../host-tools.ts";
import { findInit } from "../init.ts";
import { canMountSysfs, checkMachine, makeWorkingDirectory, removeStubs } from "../preparation.ts";
import { identify, processStat } from "../proc.ts";
import { lastOutput, runningProcess, whenEnded } from "../running.ts";
import { execLingerMs, spawnChain } from "../spawn.ts";
import { sysctlLine } from "../sysctls.ts";
import { toolEnvironment } from "../tools.ts";
import type { HostFacts, ProcessSpec, RunningProcess, RunSpec, Runtime, RuntimeName, TerminalSize } from "../types.ts";
import { planBundle } from "./bundle.ts";
import { groupOf, hiddenUnified, removeGroup } from "./groups.ts";
import { processConfig, toJson } from "./process-config.ts";
import { filterAnnotation, seccompConfig, seccompProgram } from "./seccomp-config.ts";

/** Of the container within the runtime's state, which is in a folder of its own. */
const id = "container";

/**
 * A container by an OCI runtime of this machine. It stays in the foreground as the parent of the container's process, because a
 * detached one loses the exit code. Its state is in the container's folder, so that any engine can exec.
 */
export function createOciRuntime(facts: HostFacts, name: Exclude<RuntimeName, "builtin">): Runtime {
  const program = need(facts, name);
  let ownSysfs: Promise<boolean> | undefined;
  /** argv of the runtime, in a mount namespace where it does not stumble over a hybrid of both control groups. */
  const call = ({ state, log, group, args, before = [], tty }: Call) => {
    const manager = name === "crun" ? [`--cgroup-manager=${group === undefined ? "disabled" : "cgroupfs"}`] : [];
    // With a log crun (1.8) writes the last of a terminal's output there.
    const reports = ["--log-format=json", ...(tty ? [] : [`--log=${log}`])];
    const command = words([program, "--root", path.join(state, "oci"), ...manager, ...reports, ...args]);
    const inTerminal = (size: TerminalSize) => {
      const sized = `${words([need(facts, "stty"), "rows", String(size.rows), "cols", String(size.columns)])}\nexec ${command}`;
      return words([need(facts, "script"), "-qfec", sized, "/dev/null"]);
    };
    const unified = hiddenUnified(name);
    const hide =
      unified === undefined ? [] : [`${quote(need(facts, "mount"))} -n -t tmpfs tmpfs ${quote(unified)} || exit 125`];
    // The descriptor of the set-up's words is not for the container.
    const script = ["exec 3>&-", ...hide, ...before, `exec ${tty ? inTerminal(tty) : command}`].join("\n");
    const shell = [need(facts, "sh"), "-c", script];
    return unified === undefined ? shell : [need(facts, "unshare"), "--mount", "--propagation", "slave", ...shell];
  };

  const start = async (launch: Launch): Promise<RunningProcess> => {
    const { argv, process, lingerMs, afterExit } = launch;
    const chain = await spawnChain(facts, argv, { ...toolEnvironment, SHELL: need(facts, "sh") }, process, lingerMs);
    const ended = whenEnded(chain.child, () => {});
    const rest = { stty: facts.tools.stty, lingerMs, afterExit };
    const pid = await untilCommandRuns(launch.pidFile, ended);
    if (pid === undefined && (await ended) !== 0) {
      // What is left over by an exec'd process may hold its output open for long.
      const { said, again } = Number.isFinite(lingerMs) ? { said: "", again: {} } : await lastOutput(chain);
      const complaint = complaintIn(chain.tty ? said : readText(launch.log));
      const failure = startFailure(launch.command, complaint ?? said, complaint !== undefined);
      if (!failure) return runningProcess({ ...chain, ...again, ...rest }, undefined, ended);
      afterExit();
      for (const stream of [chain.stdin, chain.stdout, chain.stderr]) stream.destroy();
      throw failure;
    }
    const identity = pid === undefined ? undefined : identify(pid);
    return runningProcess({ ...chain, ...rest }, identity, ended);
  };

  return {
    name,
    async run(spec) {
      checkMachine(facts, spec.process);
      if (spec.network === "current") ownSysfs ??= canMountSysfs(facts);
      const hasOwnSysfs = spec.network !== "current" || (await ownSysfs) === true;
      const created: string[] = [];
      const group = groupOf(facts, spec.cgroup, randomUUID());
      const state = spec.stateDir;
      const afterExit = () => {
        removeStubs(created);
        if (group !== undefined) removeGroup(group);
      };
      try {
        const init = spec.init ? findInit(facts) : undefined;
        if (spec.init && !init) throw initMissing();
        const plan = planBundle(spec, {
          facts,
          ownSysfs: hasOwnSysfs,
          created,
          more: init ? [init.mount] : [],
          cgroupsPath: group,
        });
        makeWorkingDirectory(plan.view, spec.process.cwd);
        const command = lookUpCommand(plan.view, spec.process);
        const args = [...(init ? [init.command, "--"] : []), command, ...spec.process.args.slice(1)];
        mkdirSync(path.join(state, "oci"), { recursive: true, mode: 0o700 });
        const config = {
          ...plan.config,
          process: processConfig(facts, spec.process, args, spec.limits),
          ...filterFor(name, spec, plan.config.linux),
        };
        writeFileSync(path.join(state, "config.json"), toJson(config), { mode: 0o600 });
        const [pidFile, log] = [path.join(state, "pid"), path.join(state, "log")];
        // Of an earlier run of the same container.
        for (const file of [pidFile, log]) rmSync(file, { force: true });
        const before = plan.networkSettings.map(([key, value]) => sysctlLine(key, value));
        const runIt = ["run", "--bundle", state, "--pid-file", pidFile, id];
        const argv = call({ state, log, group, args: runIt, before, tty: spec.process.tty });
        const launch = { argv, process: spec.process, command, pidFile, log, afterExit };
        return await start({ ...launch, lingerMs: Number.POSITIVE_INFINITY });
      } catch (error) {
        afterExit();
        throw error;
      }
    },
    async exec(container, process) {
      const { pid, stateDir } = container;
      checkMachine(facts, process);
      const stat = processStat(pid);
      if (!stat || stat.state === "Z") throw processGone(pid);
      const view: PathView = { root: `/proc/${pid}/root/.`, mounted: new Map() };
      if (tryLocate(view, process.cwd)?.stats?.isDirectory() !== true) throw badWorkingDirectory(process.cwd);
      const command = lookUpCommand(view, process);
      const own = path.join(stateDir, `exec-${randomUUID()}`);
      mkdirSync(own, { mode: 0o700 });
      const config = processConfig(facts, process, [command, ...process.args.slice(1)], container.limits);
      const [file, pidFile] = [path.join(own, "process.json"), path.join(own, "pid")];
      writeFileSync(file, toJson(config), { mode: 0o600 });
      const group = groupOf(facts, container.cgroup, "");
      const args = ["exec", "--process", file, "--pid-file", pidFile, ...(process.tty ? ["--tty"] : []), id];
      const log = path.join(own, "log");
      const argv = call({ state: stateDir, log, group, args, tty: process.tty });
      const afterExit = () => rmSync(own, { recursive: true, force: true });
      try {
        return await start({
          argv,
          process,
          command,
          pidFile,
          log,
          afterExit,
          lingerMs: execLingerMs,
        });
      } catch (error) {
        afterExit();
        throw error;
      }
    },
  };
}

interface Call {
  readonly state: string;
  readonly log: string;
  readonly group: string | undefined;
  readonly args: readonly string[];
  /** Lines of sh. */
  readonly before?: readonly string[];
  readonly tty: TerminalSize | undefined;
}

interface Launch {
  readonly argv: readonly string[];
  readonly process: ProcessSpec;
  readonly command: string;
  readonly pidFile: string;
  readonly log: string;
  readonly lingerMs: number;
  readonly afterExit: () => void;
}

/** `annotations` or `linux` with the filter. */
function filterFor(name: RuntimeName, spec: RunSpec, linux: object): object {
  const program = name === "crun" ? seccompProgram(spec) : undefined;
  if (program !== undefined) return { annotations: { [filterAnnotation]: program } };
  const seccomp = seccompConfig(spec);
  return seccomp ? { linux: { ...linux, seccomp } } : {};
}

/** The process's pid once it is the command itself; undefined when all has ended before that was seen. */
async function untilCommandRuns(pidFile: string, ended: Promise<number>): Promise<number | undefined> {
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  // There is no event for an exec; it is a matter of some milliseconds.
  for (; !hasEnded; await delay(1)) {
    const pid = Number(readText(pidFile));
    if (!(pid > 0)) continue;
    const stat = processStat(pid);
    if (!stat || stat.state === "Z") continue;
    const line = readText(`/proc/${pid}/cmdline`);
    const parent = readText(`/proc/${stat.parent}/cmdline`);
    const isSetUp = line === parent || /^[^\0]*\0init\0/.test(line);
    if (!isSetUp && line !== "" && parent !== "") return pid;
  }
  return undefined;
}

/** The last error of the runtime's log: one JSON object a line. */
function complaintIn(log: string): string | undefined {
  const lines = log.split(/\r?\n/).filter(Boolean);
  for (const line of lines.toReversed()) {
    try {
      const { level, msg } = JSON.parse(line) as { readonly level?: string; readonly msg?: string };
      if (level === "error" && msg !== undefined) return msg;
    } catch {
      // With a terminal the container's own words.
      return undefined;
    }
  }
  return undefined;
}

/** The last step, the exec itself, is told on the container's own stderr; a process may say anything there. */
function startFailure(command: string, said: string, isLog: boolean): EngineError | undefined {
  const detail =
    /^(?:\{"msg":"exec container process [^"]*|exec \/[^\n]*): ([^":\n]+)(?:","level":"error"[^\n]*)?\s*$/.exec(
      said,
    )?.[1];
  const words = /exec format error|permission denied|no such file or directory/i
    .exec(detail ?? said)?.[0]
    ?.toLowerCase();
  const isExec = detail !== undefined || (isLog && /\bexec(ve|ing)?\b/i.test(said));
  if (isExec && words !== undefined) return execFailed(command, words.startsWith("no such") ? 127 : 126, words);
  return isLog || detail !== undefined ? setupFailed(detail ?? said) : undefined;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
