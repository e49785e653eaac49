import path from "node:path";
import { msg } from "../../engine/base/message.ts";
import { isPredefined } from "../symbols/predefined.ts";
import { type DockerfileNames, stageNamed } from "./dockerfiles.ts";
import type { Build, BuildProblem } from "./model.ts";
import type { Resolved } from "./resolve.ts";

interface Files {
  /** Undefined when there is no such file. */
  namesOf(dockerfile: string): DockerfileNames | undefined;
  /** Whether anything is there: a folder may come into being before the build. */
  exists(path: string): boolean;
}

/** What the builds name and the Dockerfiles do not have. Only what is known for certain. */
export function buildProblems(builds: readonly Resolved[], files: Files): readonly BuildProblem[] {
  const isBase = new Set(builds.flatMap(({ build }) => build.inherits.map(({ text }) => text)));
  return builds.flatMap((one) => {
    const { build, dockerfile, context } = one;
    // What others inherit from need not be a build by itself.
    if (dockerfile === undefined || context === undefined || isBase.has(build.name.text)) return [];
    const names = files.namesOf(dockerfile);
    if (!names) return files.exists(dockerfile) ? [] : missing(one, files);
    return [...unknownTarget(one, names), ...unknownArgs(build, names)];
  });
}

function missing({ build, dockerfile = "", context = "" }: Resolved, files: Files): readonly BuildProblem[] {
  const place = build.dockerfile ?? build.context ?? build.name;
  const name = path.basename(dockerfile);
  const message = files.exists(context)
    ? msg('There is no "{name}" in "{folder}".', { name: path.relative(context, dockerfile) || name, folder: context })
    : msg('There is no folder "{folder}".', { folder: context });
  return [{ code: "build/dockerfile-missing", severity: "warning", message, range: place.range }];
}

function unknownTarget({ build, target }: Resolved, names: DockerfileNames): readonly BuildProblem[] {
  // What is inherited is reported where it is written, if it is wrong there too.
  if (!target?.isKnown || target !== build.target || target.text === "" || stageNamed(names, target.text)) return [];
  const known = names.stages.flatMap(({ name }) => name ?? []).join(", ");
  const message =
    known === ""
      ? msg('The Dockerfile has no stage "{name}": none of its stages has a name.', { name: target.text })
      : msg('The Dockerfile has no stage "{name}". It has: {known}.', { name: target.text, known });
  return [{ code: "build/unknown-target", severity: "warning", message, range: target.range }];
}

function unknownArgs({ args }: Build, names: DockerfileNames): readonly BuildProblem[] {
  const declared = new Set(names.args.map(({ name }) => name));
  return args
    .filter(({ name }) => name.isKnown && !declared.has(name.text) && !isPredefined(name.text))
    .map(({ name: { text, range } }) => ({
      code: "build/unknown-arg",
      severity: "warning",
      message: msg("No ARG of the Dockerfile takes {name}: it has no effect.", { name: text }),
      range,
    }));
}
