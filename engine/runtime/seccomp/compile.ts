import {
  assemble,
  type Block,
  guarded,
  jump,
  load,
  longest,
  not,
  type Probe,
  returns,
  type Test,
  when,
} from "./bpf.ts";
import { invalidProfile } from "./errors.ts";
import type { SeccompArgument, SeccompCondition, SeccompProfile, SeccompRule } from "./profile.ts";
import type { Architecture } from "./syscalls.ts";

export interface CompileContext {
  /** Of the machine, its own first. */
  readonly architectures: readonly Architecture[];
  /** Without CAP_; undefined: all. */
  readonly capabilities: ReadonlySet<string> | undefined;
  /** `6.8.0-31-generic` */
  readonly kernel: string;
}

/** linux/seccomp.h, SECCOMP_RET_*. */
const killProcess = 0x80000000;
const actions: Readonly<Record<string, number>> = {
  SCMP_ACT_ALLOW: 0x7fff0000,
  SCMP_ACT_LOG: 0x7ffc0000,
  SCMP_ACT_KILL: 0,
  SCMP_ACT_KILL_THREAD: 0,
  SCMP_ACT_KILL_PROCESS: killProcess,
  SCMP_ACT_TRAP: 0x00030000,
};
const errnoAction = 0x00050000;
const traceAction = 0x7ff00000;
const [eperm, enosys] = [1, 38];

/** struct seccomp_data */
const [numberAt, architectureAt, argumentsAt] = [0, 4, 16];

/** What one number leads to: the first alternative whose conditions all hold. */
interface Verdict {
  readonly alternatives: readonly { readonly probes: readonly SeccompArgument[]; readonly action: number }[];
  readonly otherwise: number;
}

/**
 * A filter program (array of struct sock_filter, little endian) for a profile. The number is found by halving, and a kernel from
 * 5.11 on does not even run the program for calls that are always allowed.
 * @throws EngineError `invalid-argument`
 */
export function compileProfile(profile: SeccompProfile, context: CompileContext): Uint8Array {
  const fallback = actionOf(profile.defaultAction, profile.defaultErrnoRet);
  const wanted = wantedArchitectures(profile, context.architectures);
  const rules = applyingRules(profile, context);
  const blocks = wanted.map((architecture): readonly [number, Block] => [
    architecture.audit,
    architectureBlock(architecture, rules, fallback),
  ]);
  // Another kind of call has other numbers: it must not get through by them.
  let program = returns(killProcess);
  for (const [audit, block] of blocks.toReversed()) program = [...jump("==", audit, block, program)];
  const whole = [...load(architectureAt), ...program];
  if (whole.length > longest) throw invalidProfile(`${whole.length} > ${longest}`);
  return assemble(whole);
}

/** The rules whose conditions hold here. */
export function applyingRules(profile: SeccompProfile, context: CompileContext): readonly SeccompRule[] {
  const native = context.architectures[0]?.name ?? "";
  return profile.syscalls.filter((rule) => applies(rule, context, native));
}

function architectureBlock(architecture: Architecture, rules: readonly SeccompRule[], fallback: number): Block {
  const verdicts = new Map<number, Verdict>();
  for (const rule of rules) {
    const action = actionOf(rule.action, rule.errnoRet);
    for (const name of rule.names) {
      const number = architecture.numbers.get(name);
      // Profiles name calls of all architectures.
      if (number === undefined) continue;
      const before = verdicts.get(number) ?? { alternatives: [], otherwise: fallback };
      const probes = rule.args ?? [];
      if (probes.length === 0) verdicts.set(number, { ...before, otherwise: action });
      else verdicts.set(number, { ...before, alternatives: [...before.alternatives, ...split(probes, action)] });
    }
  }
  // Not for a profile that lets everything through but for some names.
  const unknown = isErrno(fallback) ? errnoAction | enosys : fallback;
  const steps: { readonly from: number; readonly block: Block }[] = [];
  let last = "";
  const push = (from: number, verdict: Verdict) => {
    const key = JSON.stringify(verdict);
    if (key !== last) steps.push({ from, block: verdictBlock(verdict) });
    last = key;
  };
  for (let number = 0; number <= architecture.newest; number += 1) {
    push(number, verdicts.get(number) ?? { alternatives: [], otherwise: fallback });
  }
  push(architecture.newest + 1, { alternatives: [], otherwise: unknown });
  return [...load(numberAt), ...search(steps)];
}

/** libseccomp's rule: conditions on different arguments must all hold; several on one argument are rules of their own. */
function split(probes: readonly SeccompArgument[], action: number): Verdict["alternatives"] {
  const indices = new Set(probes.map(({ index }) => index));
  if (indices.size === probes.length) return [{ probes, action }];
  return probes.map((probe) => ({ probes: [probe], action }));
}

function search(steps: readonly { readonly from: number; readonly block: Block }[]): Block {
  const [only] = steps;
  if (!only) return [];
  if (steps.length === 1) return only.block;
  const middle = steps.length >> 1;
  return jump(">=", steps[middle]?.from ?? 0, search(steps.slice(middle)), search(steps.slice(0, middle)));
}

function verdictBlock({ alternatives, otherwise }: Verdict): Block {
  return [
    ...alternatives.flatMap(({ probes, action }) => guarded(probes.map(test), returns(action))),
    ...returns(otherwise),
  ];
}

/** Arguments have 64 bits, the machine of the filter has 32: the upper half decides first. */
function test({ index, op, value, valueTwo = 0 }: SeccompArgument): Test {
  const low = argumentsAt + index * 8;
  const high = low + 4;
  const half = (number: number): readonly [number, number] => [Math.floor(number / 2 ** 32), number % 2 ** 32];
  const [upper, lower] = half(value);
  const equal: Test = [...load(high), when("==", upper, "on", "fail"), ...load(low), when("==", lower, "pass", "fail")];
  const above = (probe: Probe): Test => [
    ...load(high),
    when(">", upper, "pass", "on"),
    when("==", upper, "on", "fail"),
    ...load(low),
    when(probe, lower, "pass", "fail"),
  ];
  switch (op) {
    case "SCMP_CMP_EQ":
      return equal;
    case "SCMP_CMP_NE":
      return not(equal);
    case "SCMP_CMP_GE":
      return above(">=");
    case "SCMP_CMP_GT":
      return above(">");
    case "SCMP_CMP_LT":
      return not(above(">="));
    case "SCMP_CMP_LE":
      return not(above(">"));
    case "SCMP_CMP_MASKED_EQ": {
      const [upperWanted, lowerWanted] = half(valueTwo);
      return [
        ...load(high, upper),
        when("==", upperWanted, "on", "fail"),
        ...load(low, lower),
        when("==", lowerWanted, "pass", "fail"),
      ];
    }
    default:
      throw invalidProfile(op);
  }
}

function actionOf(name: string, errno: number | undefined): number {
  if (name === "SCMP_ACT_ERRNO") return errnoAction | (errno ?? eperm);
  if (name === "SCMP_ACT_TRACE") return traceAction | (errno ?? eperm);
  const action = actions[name];
  if (action === undefined) throw invalidProfile(name);
  return action;
}

function isErrno(action: number): boolean {
  return (action & 0xffff0000) === errnoAction;
}

function wantedArchitectures(profile: SeccompProfile, machine: readonly Architecture[]): readonly Architecture[] {
  const names = profile.architectures ?? subArchitectures(profile, machine[0]?.scmp);
  return names ? machine.filter(({ scmp }, index) => index === 0 || names.includes(scmp)) : machine;
}

function subArchitectures({ archMap }: SeccompProfile, native: string | undefined): readonly string[] | undefined {
  return archMap && (archMap.find(({ architecture }) => architecture === native)?.subArchitectures ?? []);
}

function applies({ includes, excludes }: SeccompRule, context: CompileContext, architecture: string): boolean {
  const has = (name: string) => context.capabilities?.has(name.toUpperCase().replace(/^CAP_/, "")) ?? true;
  const isOf = ({ arches }: SeccompCondition) => arches?.includes(architecture) ?? false;
  if (excludes) {
    if (isOf(excludes) || excludes.caps?.some(has)) return false;
    if (excludes.minKernel !== undefined && isAtLeast(context.kernel, excludes.minKernel)) return false;
  }
  if (!includes) return true;
  if (includes.arches && includes.arches.length > 0 && !isOf(includes)) return false;
  if (includes.caps && !includes.caps.every(has)) return false;
  return includes.minKernel === undefined || isAtLeast(context.kernel, includes.minKernel);
}

function isAtLeast(kernel: string, minimum: string): boolean {
  const [major = 0, minor = 0] = kernel.split(/[.-]/).map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = minimum.split(".").map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}
