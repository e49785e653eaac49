import { rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { capabilitySet } from "./capabilities.ts";
import { lookUpCommand } from "./command-lookup.ts";
import { type PathView, tryLocate } from "./container-paths.ts";
import { carryEnvironment } from "./environment.ts";
import { badWorkingDirectory, processGone } from "./errors.ts";
import { findInit } from "./init.ts";
import type { LastStep } from "./last-step.ts";
import { planMounts } from "./mount-plan.ts";
import { readMounts } from "./mountinfo.ts";
import { canMountSysfs, checkMachine, makeWorkingDirectory, removeStubs } from "./preparation.ts";
import { namespaceOf, processStat } from "./proc.ts";
import { whenRunning } from "./running.ts";
import { makeScratch } from "./scratch.ts";
import { seccompFile, seccompFilter } from "./seccomp/filter.ts";
import { execLingerMs, spawnChain } from "./spawn.ts";
import { execCommand, runCommand } from "./stages.ts";
import { preparePipes } from "./stdio.ts";
import type { HostFacts, ProcessSpec, Runtime } from "./types.ts";

/** Sets of pipes that are made at once for execs. */
const execPipes = 4;

/** The built-in back end: nothing but the util-linux programs that every distribution has. */
export function createLauncher(facts: HostFacts): Runtime {
  const hostPrograms = programIdentities(facts);
  /** `last` is what the chain ends with; the command is exec'd by it. */
  const start = async (argv: readonly string[], last: LastStep, afterExit: () => void, lingerMs: number) => {
    const { process, command, staysAsInit = false } = last;
    const chain = await spawnChain(facts, argv, carryEnvironment(process.env).env, process, lingerMs);
    // While the chain is on its way nobody waits for us. Who execs does so more than once.
    if (lingerMs === execLingerMs) preparePipes(facts.tools.mkfifo, execPipes);
    return whenRunning({ ...chain, command, hostPrograms, stty: facts.tools.stty, staysAsInit, lingerMs, afterExit });
  };
  const lastStep = (process: ProcessSpec, command: string, seccompFile: string | undefined): LastStep => ({
    facts,
    process,
    command,
    wrapped: carryEnvironment(process.env).wrapped,
    seccompFile,
  });
  let ownSysfs: Promise<boolean> | undefined;
  return {
    name: "launcher",
    prepare() {
      preparePipes(facts.tools.mkfifo, 1);
      if (facts.seccompBy) seccompFilter("default", capabilitySet({}));
    },
    async run(spec) {
      checkMachine(facts, spec.process);
      // With a network namespace of its own a container may always mount its own /sys.
      if (spec.network === "current") ownSysfs ??= canMountSysfs(facts);
      const hasOwnSysfs = spec.network !== "current" || (await ownSysfs) === true;
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
        const last = {
          ...lastStep(process, command, seccompFile(spec, process, facts)),
          staysAsInit: spec.init === true && !init,
        };
        return await start(runCommand(spec, plan, files, last), last, undo, Number.POSITIVE_INFINITY);
      } catch (error) {
        undo();
        throw error;
      } finally {
        rmSync(devTemplate, { recursive: true, force: true });
      }
    },
    async exec(container, process) {
      const { pid } = container;
      checkMachine(facts, process);
      const stat = processStat(pid);
      if (!stat || stat.state === "Z") throw processGone(pid);
      // The dot, because the root of the view must be a folder and not a link to one.
      const view: PathView = { root: `/proc/${pid}/root/.`, mounted: new Map() };
      if (tryLocate(view, process.cwd)?.stats?.isDirectory() !== true) throw badWorkingDirectory(process.cwd);
      const command = lookUpCommand(view, process);
      const keeper = namespaceOf(stat.parent, "mnt") === namespaceOf(pid, "mnt") ? stat.parent : undefined;
      const otherNetwork = namespaceOf(pid, "net") !== namespaceOf("self", "net");
      const last = lastStep(process, command, seccompFile(container, process, facts));
      return start(execCommand(container, keeper, otherNetwork, last), last, () => {}, execLingerMs);
    },
  };
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
