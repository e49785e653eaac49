import { findHeredocs } from "../dockerfile/heredoc.ts";
import type { Instruction } from "../dockerfile/model.ts";
import { proxyEnvironment } from "./arguments.ts";
import { isFileName } from "./copy.ts";
import type { InlineFile, RunOp } from "./graph.ts";
import type { Step } from "./plan.ts";
import * as problem from "./problems.ts";
import type { StageState } from "./stage-state.ts";

export function runCommand(state: StageState, step: Step): void {
  const network = readFlags(state, step);
  if (network === undefined) return;
  const { command, script } = commandOf(state, step.instruction);
  if (script !== undefined && !isFileName(script.name)) {
    state.report(problem.heredocName(step.at ?? step.instruction.range, script.name));
    return;
  }
  const op: RunOp = {
    kind: "run",
    parent: state.vertex,
    args: command,
    env: [...state.variables].map(([name, value]) => `${name}=${value}`),
    unkeyedEnv: proxyEnvironment(state.shared.plan.buildArgs, state.variables),
    cwd: state.config.workingDir || "/",
    user: state.config.user,
    network,
    ...(script === undefined ? {} : { scripts: [script] }),
  };
  state.commitLayer(op, step, `RUN ${[...argumentsShown(state), ...command].join(" ")} # buildkit`);
}

function readFlags(state: StageState, { instruction, at }: Step): RunOp["network"] | undefined {
  let network: RunOp["network"] | undefined = "default";
  for (const { name, value = "", range, valueRange } of instruction.flags) {
    const place = at ?? valueRange ?? range;
    if (name === "network") {
      if (value === "default" || value === "none" || value === "host") network = value;
      else state.report(problem.badNetwork(place, value));
    } else if (name === "mount") {
      state.report(problem.runMount(at ?? range));
      network = undefined;
    } else if (name !== "security" || value !== "sandbox") {
      state.report(problem.runFlag(at ?? range, name));
      network = undefined;
    }
  }
  return network;
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
