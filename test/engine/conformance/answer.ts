// An engine's answer to a case, and what two answers have in common.
import { isDeepStrictEqual } from "node:util";
import type { ContainerConfig, ImageConfig } from "../../../engine/oci/types.ts";
import type { Expectation, Part } from "./case.ts";

export type Answer =
  | { readonly built: false }
  | {
      readonly built: true;
      readonly tree: readonly string[];
      readonly config: Readonly<Record<string, unknown>>;
      /** `created_by`, and ` (empty)` for what has no layer. Without the base's. */
      readonly history: readonly string[];
    };

const fields: readonly (keyof ContainerConfig)[] = [
  "User",
  "ExposedPorts",
  "Env",
  "Entrypoint",
  "Cmd",
  "Volumes",
  "WorkingDir",
  "Labels",
  "StopSignal",
  "ArgsEscaped",
  "Healthcheck",
  "OnBuild",
  "Shell",
];

/** Absent, null and empty are one thing to whoever runs an image. */
export function normalConfig(image: ImageConfig): Record<string, unknown> {
  const config: Record<string, unknown> = {};
  for (const field of fields) {
    const value = image.config?.[field];
    if (isSaid(value)) config[field] = value;
  }
  if (image.author) config.author = image.author;
  if (image.variant) config.variant = image.variant;
  config.platform = `${image.os}/${image.architecture}`;
  return config;
}

function isSaid(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === false) return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}

export function normalHistory(image: ImageConfig): string[] {
  return (image.history ?? [])
    .filter(({ created_by }) => created_by !== "made by the tests")
    .map(({ created_by, empty_layer }) => `${created_by}${empty_layer ? " (empty)" : ""}`);
}

/**
 * An answer as buildah can say it: its config has a label of its own and leaves out what docker says needlessly; it takes
 * setuid away from what is copied, and leaves the files that it mounts for a command.
 */
export function asBuildahSays(answer: Answer): Answer {
  if (!answer.built) return answer;
  const { ArgsEscaped: _, Labels, WorkingDir, ...config } = answer.config;
  const { "io.buildah.version": __, ...labels } = (Labels ?? {}) as Record<string, string>;
  return {
    ...answer,
    tree: answer.tree
      .filter((line) => !/^\/etc\/(?:hosts|hostname|resolv\.conf) 755 0:0 ""$|^\/run\/ 755 0:0$/.test(line))
      .map((line) => line.replace(/ 4([0-7]{3} )/, " $1")),
    config: {
      ...config,
      ...(WorkingDir !== undefined && WorkingDir !== "/" && { WorkingDir }),
      ...(Object.keys(labels).length > 0 && { Labels: labels }),
    },
  };
}

/**
 * History as docker 20.10 and we both write it: later versions add the flags of COPY, the values of ARG that were given, and
 * print ports and health checks otherwise.
 */
export function asOldDockerSays(answer: Answer): Answer {
  if (!answer.built) return answer;
  const history = answer.history.map((entry) =>
    entry
      .replace(/^(COPY|ADD)(?: --(?:chown|chmod)=\S+)+/, "$1")
      .replace(/^ARG .*/, (line) => line.replaceAll(/=.*?(?= \w+(?:=|$)| \(empty\)|$)/g, ""))
      .replace(/^EXPOSE (?:map)?\[(.*)\]/, (_, ports: string) => `EXPOSE ${ports.replaceAll(":{}", "")}`)
      .replace(/^HEALTHCHECK .*/, "HEALTHCHECK"),
  );
  return { ...answer, history };
}

/** By part, both answers as text where they are not the same. */
export function compare(ours: Answer, theirs: Answer, parts: readonly Part[]): Map<Part, string> {
  const found = new Map<Part, string>();
  if (ours.built !== theirs.built) return found.set("built", `${ours.built} here, ${theirs.built} there`);
  if (!ours.built || !theirs.built) return found;
  for (const part of parts) {
    if (part === "built" || isDeepStrictEqual(ours[part], theirs[part])) continue;
    const text =
      part === "config" ? apart(entries(ours.config), entries(theirs.config)) : apart(ours[part], theirs[part]);
    found.set(part, text);
  }
  return found;
}

/** What of the expectation is not so. */
export function unmet(answer: Answer, { built = true, tree, config, history }: Expectation): string[] {
  if (answer.built !== built) return [`built: ${answer.built}`];
  if (!answer.built) return [];
  const said: string[] = [];
  if (tree && !isDeepStrictEqual([...tree].sort(), answer.tree)) said.push(apart(answer.tree, [...tree].sort()));
  for (const [field, value] of Object.entries(config ?? {})) {
    if (!isDeepStrictEqual(answer.config[field], value)) said.push(`${field}: ${JSON.stringify(answer.config[field])}`);
  }
  const last = history && answer.history.slice(-history.length);
  if (last && !isDeepStrictEqual(last, history)) said.push(apart(last, history));
  return said;
}

const entries = (config: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(config).map(([field, value]) => `${field}: ${JSON.stringify(value)}`);

function apart(ours: readonly string[], theirs: readonly string[]): string {
  const [here, there] = [new Set(ours), new Set(theirs)];
  const lines = [
    ...ours.filter((line) => !there.has(line)).map((line) => `  ours   ${line}`),
    ...theirs.filter((line) => !here.has(line)).map((line) => `  theirs ${line}`),
  ];
  return lines.length > 0
    ? lines.join("\n")
    : `  the order: ${JSON.stringify(ours)}\n  theirs: ${JSON.stringify(theirs)}`;
}
