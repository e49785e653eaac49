import { type Message, msg } from "../base/message.ts";
import { installCommand } from "./install-command.ts";
import type { Tools } from "./tools.ts";
import type { HostFacts, RuntimeName } from "./types.ts";

/** Of the environment in which the engine starts. */
export const runtimeVariable = "DRYDOCK_RUNTIME";
const names: readonly RuntimeName[] = ["builtin", "crun", "runc", "youki"];

export interface RuntimeChoice {
  readonly runtime: RuntimeName;
  readonly notes: readonly Message[];
}

/**
 * `wish`: a name, or `auto`. By itself the built-in one, which gives the same on every machine and knows of each kill for lack of
 * memory; crun where only that can filter system calls.
 */
export function chooseRuntime(wish: string, tools: Tools, seccompBy: HostFacts["seccompBy"]): RuntimeChoice {
  const named = names.find((name) => name === wish);
  if (named === undefined && wish !== "auto") {
    return { ...chooseRuntime("auto", tools, seccompBy), notes: [unknownRuntime(wish)] };
  }
  if (named !== undefined && named !== "builtin") {
    if (tools[named] !== undefined) return { runtime: named, notes: [] };
    return { ...chooseRuntime("auto", tools, seccompBy), notes: [runtimeMissing(named)] };
  }
  if (seccompBy !== undefined) return { runtime: "builtin", notes: [] };
  if (named === undefined && tools.crun !== undefined) return { runtime: "crun", notes: [] };
  return { runtime: "builtin", notes: [notFiltered()] };
}

const unknownRuntime = (wish: string) =>
  msg("{variable} is {wish}; it can be {names} or auto. The engine chooses by itself.", {
    variable: runtimeVariable,
    wish,
    names: names.join(", "),
  });
const runtimeMissing = (name: string) =>
  msg("{name} was asked for but not found; containers run without it. Install it: {command}", {
    name,
    command: installCommand([name]),
  });
const notFiltered = () =>
  msg("System calls of containers are not filtered: neither perl nor Python was found. Install one: {command}", {
    command: installCommand(["perl"]),
  });
