import { findHeredocs } from "../dockerfile/heredoc.ts";
import type { Flag, Instruction } from "../dockerfile/model.ts";
import { proxyEnvironment } from "./arguments.ts";
import { isFileName } from "./copy.ts";
import type { CopyFrom, InlineFile, RunHost, RunOp } from "./graph.ts";
import { readMounts } from "./mounts.ts";
import type { Step } from "./plan.ts";
import * as problem from "./problems.ts";
import type { StageState } from "./stage-state.ts";

/** What the request says of every RUN. */
export interface RunRequest {
  /** Of steps that do not choose one. */
  readonly network?: RunOp["network"];
  /** What --security asks for is done only when it is allowed; the host's network always is, as in dockerd by default. */
  readonly allow?: readonly string[];
  readonly host?: RunHost;
}

/** `fromOf`: what the `from=` of a --mount stands for. */
export function runCommand(state: StageState, step: Step, fromOf: (flag: Flag) => CopyFrom | undefined): void {
  const flags = readFlags(state, step);
  const mounts = readMounts(state, step, fromOf);
  if (flags === undefined || mounts === undefined) return;
  const { command, script } = commandOf(state, step.instruction);
  if (script !== undefined && !isFileName(script.name)) {
    state.report(problem.heredocName(step.at ?? step.instruction.range, script.name));
    return;
  }
  const { host } = state.shared.run;
  const op: RunOp = {
    kind: "run",
    parent: state.vertex,
    args: command,
    env: state.env,
    unkeyedEnv: proxyEnvironment(state.shared.plan.buildArgs, state.variables),
    cwd: state.config.workingDir || "/",
    user: state.config.user,
    ...flags,
    ...(mounts.length === 0 ? {} : { mounts }),
    ...(host === undefined ? {} : { host }),
    ...(script === undefined ? {} : { scripts: [script] }),
  };
  state.commitLayer(op, step, `RUN ${[...argumentsShown(state), ...command].join(" ")} # buildkit`);
}

/** --network and --security; undefined when the step cannot be done, which is then reported. */
function readFlags(state: StageState, { instruction, at }: Step): Pick<RunOp, "network" | "security"> | undefined {
  const { network: ofRequest = "default", allow = [] } = state.shared.run;
  let network = ofRequest;
  let security: RunOp["security"];
  let isGood = true;
  const refuse = (found: ReturnType<typeof problem.runDevice>) => {
    state.report(found);
    isGood = false;
  };
  for (const { name, value = "", range, valueRange } of instruction.flags) {
    const place = at ?? valueRange ?? range;
    if (name === "device") refuse(problem.runDevice(at ?? range));
    else if (name === "network") {
      if (value === "none" || value === "host") network = value;
      else if (value !== "default") refuse(problem.badNetwork(place, value));
    } else if (name === "security" && value === "insecure") {
      security = value;
      if (!allow.includes("security.insecure")) refuse(problem.needsPermission(place, "security.insecure"));
    } else if (name === "security" && value !== "sandbox") refuse(problem.badSecurity(place, value));
  }
  return isGood ? { network, ...(security === undefined ? {} : { security }) } : undefined;
}

/** The four forms of RUN: exec, shell, a heredoc that is the whole command, and heredocs for the shell to read. */
function commandOf(
  state: StageState,
  { json, rest, heredocs }: Instruction,
): { command: string[]; script?: InlineFile } {
  if (json !== undefined) return { command: json.map(({ value }) => value) };
  const [first] = heredocs;
  if (first === undefined) return { command: state.withShell(rest.text) };
  const [opened] = findHeredocs(rest.text);
  const isWhole = heredocs.length === 1 && opened?.start === 0 && opened.end === rest.text.length;
  if (isWhole && first.content.startsWith("#!")) {
    const script = { name: first.delimiter, content: first.content };
    return { command: state.withShell(`/dev/pipes/${first.delimiter}`), script };
  }
  if (isWhole) return { command: state.withShell(first.content) };
  const bodies = heredocs.map(({ content, delimiter }) => `\n${content}${delimiter}`);
  return { command: state.withShell(rest.text + bodies.join("")) };
}

/** `|2 A=1 B=`: the arguments declared so far, as the reference writes them into the history. */
function argumentsShown(state: StageState): string[] {
  const shown = [...state.declaredArgs].map(([name, value]) => `${name}=${state.variables.get(name) ?? value ?? ""}`);
  return shown.length === 0 ? [] : [`|${shown.length}`, ...shown];
}
