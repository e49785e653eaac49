import type { PlanArgument } from "../../engine/base/build-plan.ts";
import { type Message, msg } from "../../engine/base/message.ts";
import { formatBytes } from "../ui/format.ts";
import { soundsSecret } from "../ui/secret-name.ts";
import { environmentOf, type ImageFacts, shellOf } from "./image-facts.ts";
import type { Step } from "./program.ts";

/** A row of the Variables view. */
export interface Value {
  readonly name: string;
  readonly value: string;
}

type Translate = (message: Message) => string;

const hidden = "••••••";

/** Values of names that sound like a secret are never shown. */
export function shownValue(name: string, value: string): string {
  return value !== "" && soundsSecret(name) ? hidden : value;
}

/** What the file and the build say, then what follows from the platform of the image. */
export function argumentValue({ name, value }: PlanArgument, facts: ImageFacts | undefined): string | undefined {
  if (value !== undefined || !facts) return value;
  const { Os = "", Architecture = "", Variant = "" } = facts;
  switch (name) {
    case "TARGETPLATFORM":
      return [Os, Architecture, Variant].filter((part) => part !== "").join("/");
    case "TARGETOS":
      return Os;
    case "TARGETARCH":
      return Architecture;
    case "TARGETVARIANT":
      return Variant;
    default:
      return undefined;
  }
}

export function argumentValues(
  declared: readonly PlanArgument[],
  facts: ImageFacts | undefined,
  translate: Translate,
): Value[] {
  return declared.map((argument) => {
    const value = argumentValue(argument, facts);
    const shown = value === undefined ? translate(msg("(not set)")) : shownValue(argument.name, value);
    return { name: argument.name, value: shown };
  });
}

export function environmentValues(facts: ImageFacts | undefined): Value[] {
  return facts ? environmentOf(facts).map(([name, value]) => ({ name, value: shownValue(name, value) })) : [];
}

/** The instruction that comes next, and what it and a container of the image work with. */
export function stepValues(step: Step | undefined, facts: ImageFacts | undefined, translate: Translate): Value[] {
  const config = facts?.Config ?? {};
  const rows: [string, string | undefined][] = [
    [translate(msg("next")), step?.text],
    ...(facts
      ? ([
          ["WORKDIR", config.WorkingDir || "/"],
          ["USER", config.User || "root"],
          ["SHELL", JSON.stringify(shellOf(facts))],
          ["ENTRYPOINT", words(config.Entrypoint)],
          ["CMD", words(config.Cmd)],
          ["EXPOSE", names(config.ExposedPorts)],
          ["VOLUME", names(config.Volumes)],
          ["STOPSIGNAL", config.StopSignal || undefined],
          ["HEALTHCHECK", words(config.Healthcheck?.Test)],
        ] as [string, string | undefined][])
      : []),
    ...Object.entries(config.Labels ?? {}).map(([name, value]): [string, string] => [`LABEL ${name}`, value]),
  ];
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}

export function imageValues(base: string, facts: ImageFacts | undefined, translate: Translate): Value[] {
  const from = { name: translate(msg("base")), value: base };
  if (!facts) return [from];
  const { Id, Size, RootFS, Os, Architecture, Variant } = facts;
  return [
    from,
    { name: translate(msg("id")), value: Id },
    ...(Size === undefined ? [] : [{ name: translate(msg("size so far")), value: formatBytes(Size) }]),
    { name: translate(msg("layers")), value: String(RootFS?.Layers?.length ?? 0) },
    { name: translate(msg("platform")), value: [Os, Architecture, Variant].filter(Boolean).join("/") },
  ];
}

function words(value: readonly string[] | string | null | undefined): string | undefined {
  if (value === null || value === undefined || value.length === 0) return undefined;
  return typeof value === "string" ? value : JSON.stringify(value);
}

function names(value: Readonly<Record<string, unknown>> | null | undefined): string | undefined {
  const found = Object.keys(value ?? {});
  return found.length === 0 ? undefined : found.join(", ");
}
