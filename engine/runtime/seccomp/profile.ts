import { invalidProfile } from "./errors.ts";

/** A profile as Docker's `--security-opt seccomp=` and the OCI runtime specification write it. */
export interface SeccompProfile {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  /** libseccomp's names; absent: all kinds of call of the machine. */
  readonly architectures?: readonly string[];
  readonly archMap?: readonly { readonly architecture: string; readonly subArchitectures?: readonly string[] }[];
  readonly syscalls: readonly SeccompRule[];
}

export interface SeccompRule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly SeccompArgument[];
  readonly includes?: SeccompCondition;
  readonly excludes?: SeccompCondition;
}

export interface SeccompArgument {
  readonly index: number;
  readonly op: string;
  readonly value: number;
  readonly valueTwo?: number;
}

export interface SeccompCondition {
  readonly caps?: readonly string[];
  readonly arches?: readonly string[];
  readonly minKernel?: string;
}

/** @throws EngineError `invalid-argument` */
export function parseProfile(text: string): SeccompProfile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalidProfile((error as Error).message);
  }
  const profile = record(value, "profile");
  const architectures = optionalNames(profile.architectures, "architectures");
  const archMap = list(profile.archMap, "archMap").map((entry) => {
    const { architecture, subArchitectures } = record(entry, "archMap");
    const below = optionalNames(subArchitectures, "subArchitectures");
    return { architecture: word(architecture, "architecture"), ...(below && { subArchitectures: below }) };
  });
  return {
    defaultAction: word(profile.defaultAction, "defaultAction"),
    ...errno("defaultErrnoRet", profile.defaultErrnoRet),
    ...(architectures && architectures.length > 0 && { architectures }),
    ...(archMap.length > 0 && { archMap }),
    syscalls: list(profile.syscalls, "syscalls").map(parseRule),
  };
}

function parseRule(value: unknown): SeccompRule {
  const rule = record(value, "syscalls");
  // Profiles of before 2016 have one name a rule.
  const names =
    rule.name === undefined || rule.name === "" ? optionalNames(rule.names, "names") : [word(rule.name, "name")];
  return {
    names: names ?? [],
    action: word(rule.action, "action"),
    ...errno("errnoRet", rule.errnoRet),
    args: list(rule.args, "args").map((entry) => {
      const { index, op, value: first, valueTwo } = record(entry, "args");
      const position = whole(index, "index");
      if (position > 5) throw invalidProfile(`index ${position}`);
      return {
        index: position,
        op: word(op, "op"),
        value: whole(first, "value"),
        valueTwo: valueTwo === undefined ? 0 : whole(valueTwo, "valueTwo"),
      };
    }),
    ...(rule.includes ? { includes: condition(rule.includes) } : {}),
    ...(rule.excludes ? { excludes: condition(rule.excludes) } : {}),
  };
}

function condition(value: unknown): SeccompCondition {
  const { caps, arches, minKernel } = record(value, "includes/excludes");
  const [capNames, archNames] = [optionalNames(caps, "caps"), optionalNames(arches, "arches")];
  return {
    ...(capNames && { caps: capNames }),
    ...(archNames && { arches: archNames }),
    ...(minKernel !== undefined && { minKernel: word(minKernel, "minKernel") }),
  };
}

function record(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalidProfile(where);
  return value as Readonly<Record<string, unknown>>;
}

function list(value: unknown, where: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalidProfile(where);
  return value;
}

function optionalNames(value: unknown, where: string): readonly string[] | undefined {
  return value === undefined || value === null ? undefined : list(value, where).map((name) => word(name, where));
}

function word(value: unknown, where: string): string {
  if (typeof value !== "string" || value === "") throw invalidProfile(where);
  return value;
}

function whole(value: unknown, where: string): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0) throw invalidProfile(where);
  return value;
}

function errno<K extends "errnoRet" | "defaultErrnoRet">(key: K, value: unknown): { readonly [key in K]?: number } {
  if (value === undefined || value === null) return {};
  const number = whole(value, key);
  if (number > 4095) throw invalidProfile(`${key} ${number}`);
  return { [key]: number } as { readonly [key in K]?: number };
}
